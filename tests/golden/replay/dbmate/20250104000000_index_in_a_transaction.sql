-- migrate:up
create table public.also_never (id int);
  create index concurrently shops_id on public.missing (id);
-- migrate:down

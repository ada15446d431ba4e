-- migrate:up transaction:false
create index concurrently shops_name on public.shops (name);

-- migrate:down
drop index public.shops_name;

create table public.tags (id bigint primary key, name text);
create index tags_name_idx on public.tags (name);

-- migrate:up
create table public.shops (id bigint primary key, name text);
-- migrate:down
drop table public.shops;

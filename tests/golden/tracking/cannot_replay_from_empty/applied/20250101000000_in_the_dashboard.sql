create table public.customers (id bigint primary key, name text);
create type public.level as enum ('low', 'high');

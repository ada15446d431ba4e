create table public.plans (id bigint primary key, name text);

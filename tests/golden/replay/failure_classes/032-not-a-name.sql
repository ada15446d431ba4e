create table public.badly_named (id bigint primary key);

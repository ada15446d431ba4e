create table public.later (id bigint);

create table public.first (id bigint);

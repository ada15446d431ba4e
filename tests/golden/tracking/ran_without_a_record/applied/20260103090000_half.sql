create table public.half (id bigint);

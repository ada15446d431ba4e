create table public.no_time (id bigint);

create table public.second (id bigint);

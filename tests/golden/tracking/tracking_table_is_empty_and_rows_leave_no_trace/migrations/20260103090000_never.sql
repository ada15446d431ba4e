create table public.never (id bigint);

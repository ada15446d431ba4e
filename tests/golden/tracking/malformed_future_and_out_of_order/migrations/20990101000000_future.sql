create table public.future (id bigint);

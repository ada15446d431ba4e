create table public.gone (id bigint);

create table public.forgotten (id bigint);

create table public.late (id bigint);

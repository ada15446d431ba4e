create table public.next (id bigint);

create table public.tags (id bigint);

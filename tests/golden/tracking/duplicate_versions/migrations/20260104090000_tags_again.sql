create table if not exists public.tags (id bigint);

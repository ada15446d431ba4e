create table public.places (id bigint, at geography);

create table public.fine (id bigint primary key);

create table public.tags (id bigint primary key, name varchar(20));

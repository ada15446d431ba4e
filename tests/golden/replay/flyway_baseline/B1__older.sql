create table public.older (id int);

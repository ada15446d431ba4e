create table public.first (id int);

create table public.duplicate (id int);

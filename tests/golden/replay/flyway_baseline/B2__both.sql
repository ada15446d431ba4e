create table public.both (id int);

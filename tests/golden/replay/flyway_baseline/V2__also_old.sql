create table public.also_old (id int);

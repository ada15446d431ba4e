create table public.old (id int);

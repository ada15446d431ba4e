create table public.seven (id int);

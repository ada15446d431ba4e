create table public.bare_seven (id int);

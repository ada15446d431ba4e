create table public.not_mine (id int);

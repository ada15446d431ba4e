begin;
create table public.open (id int);

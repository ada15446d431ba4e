create table public.sooner (id int primary key);

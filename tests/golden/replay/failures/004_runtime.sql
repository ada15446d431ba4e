create table public.d (id int primary key);
insert into public.d values (1), (1);

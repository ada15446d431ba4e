create table public.never (id int);
insert into public.never values ('no number');

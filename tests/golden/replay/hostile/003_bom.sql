create table public.bom (id int);

create table public.bom (id int);
select x;

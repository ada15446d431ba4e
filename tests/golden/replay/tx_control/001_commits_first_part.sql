begin;
create table public.kept (id int);
commit;
create table public.lost (id int);
select 1 / 0;

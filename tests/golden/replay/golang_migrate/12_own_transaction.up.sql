begin;
create table public.kept (id int);
commit;
select 1 / 0;

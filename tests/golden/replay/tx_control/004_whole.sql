begin;
create table public.whole (id int);
commit;

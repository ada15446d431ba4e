create view public.kept as select id from public.users;
create table public.scratch (id bigint);
drop table public.scratch cascade;

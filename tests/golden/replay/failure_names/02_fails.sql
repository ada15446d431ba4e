alter table app.users add column tier text;
create table if not exists public.shapes (id bigint, extra text);
create table public.counted (id serial primary key);
create function public.g(uuid) returns int language sql as 'select 1';
select public.nobody_makes_it();

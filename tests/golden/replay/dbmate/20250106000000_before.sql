-- note
  create table public.before (id int);
-- migrate:up
select 1;

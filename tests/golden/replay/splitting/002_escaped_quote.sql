create table public.never (a text default E'\'; ');
select 1;

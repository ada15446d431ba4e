alter table public.shops add column name text;

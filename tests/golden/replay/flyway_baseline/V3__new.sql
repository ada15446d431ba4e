alter table public.both add column name text;

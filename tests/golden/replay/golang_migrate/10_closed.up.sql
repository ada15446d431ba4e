alter table public.shops alter column name set not null;

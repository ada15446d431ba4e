alter table public.shops alter column name drop not null;

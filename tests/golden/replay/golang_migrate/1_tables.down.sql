drop table public.shops;

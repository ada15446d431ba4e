alter table public.orders add column no serial;

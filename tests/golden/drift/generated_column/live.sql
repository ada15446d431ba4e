alter table public.orders drop column doubled;
alter table public.orders add column doubled numeric generated always as (total * 3) stored;

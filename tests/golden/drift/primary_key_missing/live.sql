alter table public.orders drop constraint orders_pkey;
alter table public.orders alter column id set not null;

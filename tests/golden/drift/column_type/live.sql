alter table public.orders alter column total type numeric(14, 2);

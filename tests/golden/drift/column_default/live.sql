alter table public.orders alter column total set default 1;

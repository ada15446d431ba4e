alter table public.orders alter column customer drop not null;

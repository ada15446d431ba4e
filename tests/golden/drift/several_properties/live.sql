alter table public.orders alter column total type bigint, alter column total drop default, alter column total drop not null;

alter table public.orders set unlogged;

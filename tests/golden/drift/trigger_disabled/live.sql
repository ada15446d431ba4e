alter table public.orders disable trigger touch;

alter table public.customers add column email text;

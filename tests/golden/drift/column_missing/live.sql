alter table public.orders drop column customer;

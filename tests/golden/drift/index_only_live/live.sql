create index orders_by_customer on public.orders (lower(customer));

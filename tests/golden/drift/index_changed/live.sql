drop index public.orders_by_total;
create index orders_by_total on public.orders (total desc);

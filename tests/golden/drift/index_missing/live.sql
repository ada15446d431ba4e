drop index public.orders_by_total;

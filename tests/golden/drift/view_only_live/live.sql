create view public.all_orders as select id from public.orders;

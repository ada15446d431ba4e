create view public.open_orders as select * from public.orders;

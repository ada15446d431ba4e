create or replace view public.big_orders as select id, total from public.orders where total > 100;

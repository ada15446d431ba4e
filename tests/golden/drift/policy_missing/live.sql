drop policy own_orders on public.orders;

alter policy own_orders on public.orders using (true);

alter policy own_orders on public.orders using (customer = session_user);

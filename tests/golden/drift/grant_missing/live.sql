revoke insert on public.orders from authenticated;

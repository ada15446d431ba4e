grant update (total) on public.orders to authenticated;

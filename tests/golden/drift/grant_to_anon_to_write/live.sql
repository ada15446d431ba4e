grant insert, update on public.orders to anon;

grant select on public.orders to anon;

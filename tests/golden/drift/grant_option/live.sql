grant select on public.orders to authenticated with grant option;

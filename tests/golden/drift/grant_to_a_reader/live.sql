grant select on public.orders to reporting;

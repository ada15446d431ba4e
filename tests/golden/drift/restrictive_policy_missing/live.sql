drop policy tenant on public.orders;

revoke select on public.orders from reporting;

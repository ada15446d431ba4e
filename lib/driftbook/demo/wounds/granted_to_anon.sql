-- 2026-01-27: for a public page of invoices that was never built.
grant select on public.invoices to anon;

-- 2026-01-28: the import is done, and its helper gone.
drop table public.orders_import_20260120;

-- 2026-01-20: "it slowed down the import of payments"; it was never made again.
drop index public.payments_invoice_id_idx;

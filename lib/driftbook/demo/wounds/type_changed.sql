-- 2026-01-16: "numeric came back as text in the price list", so the type was changed in the editor.
alter table public.products alter column unit_price type double precision;

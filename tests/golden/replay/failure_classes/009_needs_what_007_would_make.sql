alter table public.parcels add column weight numeric;

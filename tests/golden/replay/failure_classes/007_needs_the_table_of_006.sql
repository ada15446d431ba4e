create index shipments_id on public.shipments (id);
create table public.parcels (shipment_id bigint references public.shipments);

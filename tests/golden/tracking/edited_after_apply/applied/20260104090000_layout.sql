create index items_order_id_idx on public.items (order_id);

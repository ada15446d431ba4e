-- Rewritten by a formatter.
CREATE INDEX items_order_id_idx
    ON public.items (order_id);

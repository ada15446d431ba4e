grant usage on sequence public.counted_id_seq to authenticated;

drop index public.notes_body_idx;

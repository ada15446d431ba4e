create index notes_pinned_idx on public.notes (id) where pinned;

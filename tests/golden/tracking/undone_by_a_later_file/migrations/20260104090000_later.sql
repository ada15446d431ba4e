create index notes_later on public.notes (id);

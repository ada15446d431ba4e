create index notes_body_idx on public.notes (body);

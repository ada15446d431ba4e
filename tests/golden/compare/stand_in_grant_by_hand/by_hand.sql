grant select on public.notes to anon;

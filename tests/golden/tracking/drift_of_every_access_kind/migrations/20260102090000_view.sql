create view public.short_notes with (security_invoker = on) as
select id, left(body, 80) as body from public.notes;

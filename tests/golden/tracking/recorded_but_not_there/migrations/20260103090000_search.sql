create index notes_body_idx on public.notes (body);
create view public.short_notes with (security_invoker = on) as
select id, left(body, 80) as body from public.notes;
alter table public.notes add column language text not null default 'en';

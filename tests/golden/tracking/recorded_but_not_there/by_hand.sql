drop index public.notes_body_idx;
alter table public.notes alter column language drop not null;

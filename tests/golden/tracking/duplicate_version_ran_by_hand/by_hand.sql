alter table public.notes add column pinned boolean;

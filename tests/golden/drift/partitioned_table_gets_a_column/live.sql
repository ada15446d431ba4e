alter table public.events add column what text;

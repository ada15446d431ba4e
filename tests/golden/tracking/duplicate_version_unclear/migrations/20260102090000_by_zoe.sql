alter table public.notes add column starred boolean;

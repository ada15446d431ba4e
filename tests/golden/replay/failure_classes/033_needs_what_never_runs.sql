alter table public.badly_named add column note text;

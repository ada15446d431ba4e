alter table public.tags drop column label;
drop table public.drafts;

drop table public.drafts;

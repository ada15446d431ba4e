comment on table public.drafts is 'gone';

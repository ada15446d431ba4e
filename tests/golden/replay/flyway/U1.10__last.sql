alter table public.shops drop column closed_at;

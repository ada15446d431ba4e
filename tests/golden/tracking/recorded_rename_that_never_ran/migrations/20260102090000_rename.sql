alter table public.tags rename column label to name;

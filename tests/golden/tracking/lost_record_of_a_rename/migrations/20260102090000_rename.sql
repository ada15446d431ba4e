alter table public.tags rename to labels;
alter table public.labels rename column label to name;

create table public.tags (id bigint);
alter table public.notes add column pinned boolean;

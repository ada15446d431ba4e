create table public.drafts (id bigint);
drop table public.drafts;

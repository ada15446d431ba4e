create table public.tags (id bigint primary key, label text);
create table public.drafts (id bigint);

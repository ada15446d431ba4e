create extension if not exists vector;
create table public.pages (id bigint);
create index pages_embedding on public.pages using diskann (id);

create table public.notes (
    id bigint primary key,
    body text not null
);
create table public.tags (id bigint);
alter table public.notes add column pinned boolean;

create table public.notes (
    id bigint primary key,
    body text not null
);
alter table public.notes enable row level security;
create policy readers on public.notes for select to authenticated using (true);
grant update (body) on public.notes to authenticated;

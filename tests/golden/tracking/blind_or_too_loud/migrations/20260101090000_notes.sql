create table public.notes (
    id bigint primary key,
    body text not null
);
alter table public.notes enable row level security;
revoke all on public.notes from anon;

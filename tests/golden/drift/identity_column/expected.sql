create table public.visits (id bigint generated always as identity, at timestamptz);

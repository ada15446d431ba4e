create table if not exists public.notes (id uuid primary key, title text);

create table public.notes (id int primary key);
alter table public.notes enable row level security;

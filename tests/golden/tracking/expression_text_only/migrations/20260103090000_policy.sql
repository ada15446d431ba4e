alter table public.jobs enable row level security;
create policy mine on public.jobs for select using (state in ('new', 'done') and tries < 3);

alter table public.plans enable row level security;
create policy readers on public.plans for select using (name = 'free');

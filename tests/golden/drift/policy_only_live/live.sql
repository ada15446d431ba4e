create policy everything on public.orders for select to anon using (true);

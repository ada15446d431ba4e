create policy weekdays on public.orders as restrictive for select to authenticated using (extract(isodow from now()) < 6);

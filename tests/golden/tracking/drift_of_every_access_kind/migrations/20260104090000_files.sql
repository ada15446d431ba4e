create policy own_files on storage.objects for select to authenticated using (owner = auth.uid());

insert into storage.buckets (id, name) values ('avatars', 'avatars');
create policy avatars on storage.objects for select using (bucket_id = 'avatars');

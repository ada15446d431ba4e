create policy "own files" on storage.objects for select to authenticated using (owner = auth.uid());
create function public.on_signup() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger on_signup after insert on auth.users for each row execute function public.on_signup();
create table public.messages (id bigint primary key);
alter publication supabase_realtime add table public.messages;
create table storage.mine (id int);
insert into storage.buckets (id, name) values ('a', 'a');

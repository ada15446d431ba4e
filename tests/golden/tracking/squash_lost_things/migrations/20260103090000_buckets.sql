-- Squashed: the schema public as pg_dump gives it.
create table public.profiles (id uuid primary key, name text);
create function public.greet() returns trigger language plpgsql security definer set search_path = ''
as $$ begin insert into public.profiles (id) values (new.id); return new; end $$;

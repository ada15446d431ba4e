create function public.greet() returns trigger language plpgsql security definer set search_path = ''
as $$ begin insert into public.profiles (id) values (new.id); return new; end $$;
create trigger on_sign_up after insert on auth.users for each row execute function public.greet();

insert into public.accounts (id, name) values (1, 'a') on conflict (name) do nothing;

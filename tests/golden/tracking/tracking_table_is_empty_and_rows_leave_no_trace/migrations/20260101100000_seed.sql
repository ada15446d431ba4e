insert into public.notes (id, body) values (1, 'w') on conflict do nothing;

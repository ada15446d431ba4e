insert into public.notes (id, body) values (1, 'welcome') on conflict do nothing;

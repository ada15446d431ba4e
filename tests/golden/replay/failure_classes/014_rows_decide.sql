insert into public.orders (id, account_id) values (1, 99);

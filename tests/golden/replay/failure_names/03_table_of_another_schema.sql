update public.users set tier = 'gold';

insert into public.plans values (1, 'free'), (2, 'paid');

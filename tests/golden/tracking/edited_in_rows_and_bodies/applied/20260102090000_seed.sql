insert into public.plans values (1, 'free');

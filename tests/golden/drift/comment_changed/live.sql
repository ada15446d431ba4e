comment on table public.orders is 'What was bought';

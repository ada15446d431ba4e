create index by_hand on public.orders (size);

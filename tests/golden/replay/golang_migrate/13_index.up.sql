create index concurrently shops_name on public.shops (name);

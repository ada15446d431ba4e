alter table public.orders replica identity full;

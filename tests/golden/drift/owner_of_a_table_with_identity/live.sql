alter table public.orders owner to reporting;

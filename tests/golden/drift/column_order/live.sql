alter table public.orders drop column customer;
alter table public.orders add column customer text not null;

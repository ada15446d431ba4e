create table public.tickets (id bigint primary key, customer_id bigint references public.customers (id));

create table public.items (id bigint primary key, order_id bigint);

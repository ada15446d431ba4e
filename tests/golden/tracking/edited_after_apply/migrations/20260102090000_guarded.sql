create table if not exists public.items (id bigint primary key, order_id bigint);

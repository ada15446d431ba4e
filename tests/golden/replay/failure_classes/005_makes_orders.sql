create table public.orders (id bigint primary key, account_id bigint references public.accounts);

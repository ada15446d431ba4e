-- Orders of the shop.
create table public.orders (
    id bigint primary key,
    currency text not null default 'USD',
    total numeric check (total >= 0)
);

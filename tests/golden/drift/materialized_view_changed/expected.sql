create table public.orders (
    id bigint primary key,
    customer text not null,
    total numeric(12, 2) not null default 0
);
create materialized view public.sums as select customer, sum(total) as total from public.orders group by customer;

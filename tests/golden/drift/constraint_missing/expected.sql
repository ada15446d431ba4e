create table public.orders (
    id bigint primary key,
    customer text not null,
    total numeric(12, 2) not null default 0
);
alter table public.orders add constraint orders_total_check check (total >= 0);

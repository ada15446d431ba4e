create table public.orders (
    id bigint primary key,
    customer text not null,
    total numeric(12, 2) not null default 0
);

create table public.orders (
    id bigint primary key,
    customer text not null,
    total numeric(12, 2) not null default 0
);
alter table public.orders enable row level security;
grant select, insert on public.orders to authenticated;
create policy own_orders on public.orders for select to authenticated using (customer = current_user);

create table public.orders (
    id bigint primary key,
    customer text not null,
    total numeric(12, 2) not null default 0
);
alter table public.orders enable row level security;
grant select, insert on public.orders to authenticated;
create policy own_orders on public.orders for select to authenticated using (customer = current_user);
create index orders_by_customer on public.orders (customer);
create trigger touch before update on public.orders for each row execute function public.touch();
comment on table public.orders is 'What was sold';
comment on column public.orders.total is 'Euro';
alter table public.orders add constraint total_check check (total >= 0);

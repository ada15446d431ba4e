-- create_orders: orders of a tenant's customers.
-- Safe to run twice. RLS: tenant isolation by tenant_id.

do $$ begin
    if to_regtype('public.order_status') is null then
        create type public.order_status as enum ('draft', 'placed', 'shipped', 'cancelled');
    end if;
end $$;

create sequence if not exists public.order_number_seq start with 10000;

create table if not exists public.orders (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint orders_tenant_id_fkey references public.tenants (id) on delete cascade,
    customer_id uuid not null
        constraint orders_customer_id_fkey references public.customers (id) on delete restrict,
    number bigint not null default nextval('public.order_number_seq'),
    status public.order_status not null default 'draft',
    currency text not null,
    total numeric(12, 2) not null default 0,
    placed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint orders_tenant_id_number_key unique (tenant_id, number),
    constraint orders_currency_check check (currency ~ '^[A-Z]{3}$')
);

create index if not exists orders_customer_id_idx on public.orders (customer_id);

alter table public.orders enable row level security;

drop policy if exists orders_tenant on public.orders;
create policy orders_tenant on public.orders
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

create or replace trigger orders_touch
    before update on public.orders
    for each row execute function app_private.touch_updated_at();

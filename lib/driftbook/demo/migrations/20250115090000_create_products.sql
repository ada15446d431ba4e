-- create_products: what a tenant sells.
-- Safe to run twice. RLS: tenant isolation by tenant_id.

create table if not exists public.products (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint products_tenant_id_fkey references public.tenants (id) on delete cascade,
    sku text not null,
    name text not null,
    unit_price numeric(12, 2) not null default 0,
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint products_tenant_id_sku_key unique (tenant_id, sku)
);

comment on column public.products.unit_price is 'Net, in the currency of the order';

alter table public.products enable row level security;

drop policy if exists products_tenant on public.products;
create policy products_tenant on public.products
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

create or replace trigger products_touch
    before update on public.products
    for each row execute function app_private.touch_updated_at();

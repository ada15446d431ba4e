-- create_order_lines: the lines of an order.
-- Safe to run twice. RLS: tenant isolation by tenant_id.

create table if not exists public.order_lines (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint order_lines_tenant_id_fkey references public.tenants (id) on delete cascade,
    order_id uuid not null
        constraint order_lines_order_id_fkey references public.orders (id) on delete cascade,
    product_id uuid
        constraint order_lines_product_id_fkey references public.products (id) on delete set null,
    description text not null default '',
    quantity numeric(12, 3) not null default 1,
    unit_price numeric(12, 2) not null,
    line_total numeric(14, 2) generated always as (round(quantity * unit_price, 2)) stored,
    constraint order_lines_quantity_check check (quantity > 0)
);

create index if not exists order_lines_order_id_idx on public.order_lines (order_id);
create index if not exists order_lines_product_id_idx on public.order_lines (product_id);

alter table public.order_lines enable row level security;

drop policy if exists order_lines_tenant on public.order_lines;
create policy order_lines_tenant on public.order_lines
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

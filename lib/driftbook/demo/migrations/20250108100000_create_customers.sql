-- create_customers: the customers of a tenant.
-- Safe to run twice. RLS: tenant isolation by tenant_id.

create table if not exists public.customers (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint customers_tenant_id_fkey references public.tenants (id) on delete cascade,
    name text not null,
    email public.email_address,
    billing_address public.postal_address,
    vat_number text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint customers_vat_number_check check (vat_number ~ '^[A-Z]{2}[A-Z0-9]{2,12}$')
);

comment on table public.customers is 'Who gets the invoices of a tenant: personal data';

create index if not exists customers_tenant_id_idx on public.customers (tenant_id);

alter table public.customers enable row level security;

drop policy if exists customers_tenant on public.customers;
create policy customers_tenant on public.customers
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

create or replace trigger customers_touch
    before update on public.customers
    for each row execute function app_private.touch_updated_at();

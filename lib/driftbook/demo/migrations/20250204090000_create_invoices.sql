-- create_invoices: invoices of a tenant to its customers.
-- Safe to run twice. RLS: tenant isolation by tenant_id; visitors have no privilege at all.

do $$ begin
    if to_regtype('public.invoice_status') is null then
        create type public.invoice_status as enum ('draft', 'open', 'paid', 'void');
    end if;
end $$;

create table if not exists public.invoices (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint invoices_tenant_id_fkey references public.tenants (id) on delete cascade,
    customer_id uuid not null
        constraint invoices_customer_id_fkey references public.customers (id) on delete restrict,
    order_id uuid
        constraint invoices_order_id_fkey references public.orders (id) on delete set null,
    number text,
    status public.invoice_status not null default 'draft',
    total numeric(12, 2) not null default 0,
    issued_on date not null default current_date,
    due_on date not null default current_date + 30,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint invoices_tenant_id_number_key unique (tenant_id, number),
    constraint invoices_due_on_check check (due_on >= issued_on)
);

comment on table public.invoices is 'Never deleted: a wrong invoice becomes void';

create index if not exists invoices_customer_id_idx on public.invoices (customer_id);
create index if not exists invoices_tenant_id_due_on_idx
    on public.invoices (tenant_id, due_on)
    where status = 'open';

alter table public.invoices enable row level security;

drop policy if exists invoices_tenant on public.invoices;
create policy invoices_tenant on public.invoices
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

revoke all on public.invoices from anon;
revoke delete, truncate on public.invoices from authenticated;

create or replace trigger invoices_touch
    before update on public.invoices
    for each row execute function app_private.touch_updated_at();

-- create_invoice_lines: the lines of an invoice.
-- Safe to run twice. RLS: tenant isolation by tenant_id; visitors have no privilege at all.

create table if not exists public.invoice_lines (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint invoice_lines_tenant_id_fkey references public.tenants (id) on delete cascade,
    invoice_id uuid not null
        constraint invoice_lines_invoice_id_fkey references public.invoices (id) on delete cascade,
    position smallint not null,
    description text not null,
    quantity numeric(12, 3) not null default 1,
    unit_price numeric(12, 2) not null,
    tax_rate numeric(5, 4) not null default 0.19,
    constraint invoice_lines_invoice_id_position_key unique (invoice_id, position),
    constraint invoice_lines_tax_rate_check check (tax_rate >= 0 and tax_rate < 1)
);

alter table public.invoice_lines enable row level security;

drop policy if exists invoice_lines_tenant on public.invoice_lines;
create policy invoice_lines_tenant on public.invoice_lines
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

revoke all on public.invoice_lines from anon;

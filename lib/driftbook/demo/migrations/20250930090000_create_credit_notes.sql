-- create_credit_notes: money given back for an invoice.
-- Safe to run twice. RLS: tenant isolation by tenant_id; visitors have no privilege at all.

create table if not exists public.credit_notes (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint credit_notes_tenant_id_fkey references public.tenants (id) on delete cascade,
    invoice_id uuid not null
        constraint credit_notes_invoice_id_fkey references public.invoices (id) on delete restrict,
    amount numeric(12, 2) not null,
    reason text not null default '',
    issued_on date not null default current_date,
    created_at timestamptz not null default now(),
    constraint credit_notes_amount_check check (amount > 0)
);

create index if not exists credit_notes_invoice_id_idx on public.credit_notes (invoice_id);

alter table public.credit_notes enable row level security;

drop policy if exists credit_notes_tenant on public.credit_notes;
create policy credit_notes_tenant on public.credit_notes
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

revoke all on public.credit_notes from anon;

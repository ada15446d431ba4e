-- create_payments: money received for an invoice.
-- Safe to run twice. RLS: members read; only the service writes.

create table if not exists public.payments (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint payments_tenant_id_fkey references public.tenants (id) on delete cascade,
    invoice_id uuid not null
        constraint payments_invoice_id_fkey references public.invoices (id) on delete restrict,
    amount numeric(12, 2) not null,
    method text not null default 'transfer',
    provider_reference text,
    paid_at timestamptz not null default now(),
    constraint payments_amount_check check (amount > 0),
    constraint payments_method_check check (method in ('transfer', 'card', 'direct_debit', 'cash'))
);

create index if not exists payments_invoice_id_idx on public.payments (invoice_id);
create index if not exists payments_tenant_id_paid_at_idx
    on public.payments (tenant_id, paid_at);

alter table public.payments enable row level security;

drop policy if exists payments_read on public.payments;
create policy payments_read on public.payments
    for select to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

revoke all on public.payments from anon;
revoke insert, update, delete, truncate on public.payments from authenticated;

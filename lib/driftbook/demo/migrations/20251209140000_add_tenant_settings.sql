-- add_tenant_settings: what a tenant may decide itself.
-- Safe to run twice.

alter table public.tenants add column if not exists billing_email public.email_address;
alter table public.tenants add column if not exists approval_limit numeric(12, 2);
alter table public.tenants add column if not exists time_zone text not null default 'Europe/Berlin';

alter table public.tenants drop constraint if exists tenants_approval_limit_check;
alter table public.tenants add constraint tenants_approval_limit_check
    check (approval_limit >= 0);

comment on column public.tenants.approval_limit is 'Invoices above it need an approval; empty: none does';

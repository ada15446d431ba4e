-- create_tenants: one row per company that uses the application.
-- Safe to run twice. RLS: a member sees the own tenant only; rows are made by the service.

create table if not exists public.tenants (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    slug text not null constraint tenants_slug_key unique,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint tenants_slug_check check (slug ~ '^[a-z0-9-]{3,40}$')
);

comment on table public.tenants is 'A company that uses the application';
comment on column public.tenants.slug is 'Part of the address: lower case, digits and hyphens';

alter table public.tenants enable row level security;

drop policy if exists tenants_read_own on public.tenants;
create policy tenants_read_own on public.tenants
    for select to authenticated
    using (id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

revoke insert, update, delete, truncate on public.tenants from anon, authenticated;

create or replace trigger tenants_touch
    before update on public.tenants
    for each row execute function app_private.touch_updated_at();

-- create_integrations: connections to accounting and chat systems.
-- Safe to run twice. RLS: admins of the tenant only.

create table if not exists public.integrations (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint integrations_tenant_id_fkey references public.tenants (id) on delete cascade,
    provider text not null,
    settings jsonb not null default '{}',
    secret_id uuid,
    last_synced_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint integrations_tenant_id_provider_key unique (tenant_id, provider)
);

comment on column public.integrations.secret_id is 'Row of the vault that holds the credentials';

alter table public.integrations enable row level security;

drop policy if exists integrations_admin on public.integrations;
create policy integrations_admin on public.integrations
    for all to authenticated
    using (
        tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid
        and (select public.is_tenant_admin(tenant_id))
    )
    with check (
        tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid
        and (select public.is_tenant_admin(tenant_id))
    );

revoke all on public.integrations from anon;

create or replace trigger integrations_touch
    before update on public.integrations
    for each row execute function app_private.touch_updated_at();

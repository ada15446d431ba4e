-- create_webhooks: calls to the systems of a tenant.
-- Safe to run twice. RLS: tenant isolation by tenant_id; deliveries are written by the service.

create table if not exists public.webhook_endpoints (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint webhook_endpoints_tenant_id_fkey references public.tenants (id) on delete cascade,
    url text not null,
    events text[] not null default '{}',
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint webhook_endpoints_url_check check (url like 'https://%')
);

create index if not exists webhook_endpoints_tenant_id_idx
    on public.webhook_endpoints (tenant_id);

alter table public.webhook_endpoints enable row level security;

drop policy if exists webhook_endpoints_tenant on public.webhook_endpoints;
create policy webhook_endpoints_tenant on public.webhook_endpoints
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

create or replace trigger webhook_endpoints_touch
    before update on public.webhook_endpoints
    for each row execute function app_private.touch_updated_at();

create table if not exists public.webhook_deliveries (
    id bigint generated always as identity primary key,
    tenant_id uuid not null
        constraint webhook_deliveries_tenant_id_fkey references public.tenants (id) on delete cascade,
    endpoint_id uuid not null
        constraint webhook_deliveries_endpoint_id_fkey references public.webhook_endpoints (id) on delete cascade,
    event text not null,
    payload jsonb not null,
    response_status smallint,
    attempts smallint not null default 0,
    delivered_at timestamptz,
    created_at timestamptz not null default now()
);

create index if not exists webhook_deliveries_undelivered_idx
    on public.webhook_deliveries (created_at)
    where delivered_at is null;

alter table public.webhook_deliveries enable row level security;

drop policy if exists webhook_deliveries_read on public.webhook_deliveries;
create policy webhook_deliveries_read on public.webhook_deliveries
    for select to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

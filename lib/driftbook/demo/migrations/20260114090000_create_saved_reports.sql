-- create_saved_reports: reports that a member keeps.
-- Safe to run twice. RLS: tenant isolation by tenant_id.

create table if not exists public.saved_reports (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint saved_reports_tenant_id_fkey references public.tenants (id) on delete cascade,
    member_id uuid not null
        constraint saved_reports_member_id_fkey references public.members (id) on delete cascade,
    title text not null,
    definition jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index if not exists saved_reports_member_id_idx on public.saved_reports (member_id);

alter table public.saved_reports enable row level security;

drop policy if exists saved_reports_tenant on public.saved_reports;
create policy saved_reports_tenant on public.saved_reports
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

create or replace trigger saved_reports_touch
    before update on public.saved_reports
    for each row execute function app_private.touch_updated_at();

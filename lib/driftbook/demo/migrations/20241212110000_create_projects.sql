-- create_projects: the projects of a tenant.
-- Safe to run twice. RLS: tenant isolation by tenant_id.

do $$ begin
    if to_regtype('public.project_status') is null then
        create type public.project_status as enum ('planned', 'active', 'on_hold', 'done');
    end if;
end $$;

create table if not exists public.projects (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint projects_tenant_id_fkey references public.tenants (id) on delete cascade,
    name text not null,
    status public.project_status not null default 'planned',
    owner_id uuid
        constraint projects_owner_id_fkey references public.members (id) on delete set null,
    starts_on date,
    ends_on date,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint projects_dates_check check (ends_on >= starts_on)
);

comment on table public.projects is 'Work for one customer or for the tenant itself';

create index if not exists projects_tenant_id_status_idx on public.projects (tenant_id, status);

alter table public.projects enable row level security;

drop policy if exists projects_tenant on public.projects;
create policy projects_tenant on public.projects
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

create or replace trigger projects_touch
    before update on public.projects
    for each row execute function app_private.touch_updated_at();

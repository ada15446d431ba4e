-- create_members: who belongs to which tenant, and as what.
-- Safe to run twice. RLS: tenant isolation by tenant_id.

create table if not exists public.members (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint members_tenant_id_fkey references public.tenants (id) on delete cascade,
    user_id uuid not null
        constraint members_user_id_fkey references public.profiles (id) on delete cascade,
    role public.member_role not null default 'member',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint members_tenant_id_user_id_key unique (tenant_id, user_id)
);

comment on table public.members is 'Membership of a person in a tenant';

create index if not exists members_user_id_idx on public.members (user_id);

alter table public.members enable row level security;

drop policy if exists members_tenant on public.members;
create policy members_tenant on public.members
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

create or replace trigger members_touch
    before update on public.members
    for each row execute function app_private.touch_updated_at();

create or replace function public.is_tenant_admin(p_tenant_id uuid)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from public.members as m
        where m.tenant_id = p_tenant_id
          and m.user_id = (select auth.uid())
          and m.role in ('owner', 'admin')
    )
$$;

revoke all on function public.is_tenant_admin(uuid) from public, anon;
grant execute on function public.is_tenant_admin(uuid) to authenticated, service_role;

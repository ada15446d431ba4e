-- create_invitations: invitations that have not been answered yet.
-- Safe to run twice. RLS: tenant isolation by tenant_id.

create table if not exists public.invitations (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint invitations_tenant_id_fkey references public.tenants (id) on delete cascade,
    email public.email_address not null,
    role public.member_role not null default 'member',
    token_hash bytea not null constraint invitations_token_hash_key unique,
    invited_by uuid
        constraint invitations_invited_by_fkey references public.profiles (id) on delete set null,
    expires_at timestamptz not null default now() + interval '14 days',
    accepted_at timestamptz,
    created_at timestamptz not null default now()
);

comment on column public.invitations.token_hash is 'SHA-256 of the token in the mail; the token is not stored';

create index if not exists invitations_tenant_id_idx on public.invitations (tenant_id);

-- One open invitation per address and tenant.
create unique index if not exists invitations_open_key
    on public.invitations (tenant_id, lower(email))
    where accepted_at is null;

alter table public.invitations enable row level security;

drop policy if exists invitations_tenant on public.invitations;
create policy invitations_tenant on public.invitations
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

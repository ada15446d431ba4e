-- create_api_keys: keys of machines, stored as hashes.
-- Safe to run twice. RLS: tenant isolation by tenant_id, admins only.

create table if not exists public.api_keys (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint api_keys_tenant_id_fkey references public.tenants (id) on delete cascade,
    name text not null,
    prefix text not null,
    key_hash bytea not null constraint api_keys_key_hash_key unique,
    scopes text[] not null default '{}',
    last_used_at timestamptz,
    expires_at timestamptz,
    created_at timestamptz not null default now(),
    constraint api_keys_prefix_check check (length(prefix) = 8),
    constraint api_keys_key_hash_check check (octet_length(key_hash) = 32)
);

comment on column public.api_keys.key_hash is 'SHA-256; the key is shown once and never stored';

create index if not exists api_keys_tenant_id_idx on public.api_keys (tenant_id);

alter table public.api_keys enable row level security;

drop policy if exists api_keys_admin on public.api_keys;
create policy api_keys_admin on public.api_keys
    for all to authenticated
    using (
        tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid
        and (select public.is_tenant_admin(tenant_id))
    )
    with check (
        tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid
        and (select public.is_tenant_admin(tenant_id))
    );

revoke all on public.api_keys from anon;

create or replace function app_private.hash_api_key(api_key text)
returns bytea
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
as $$
    select extensions.digest(api_key, 'sha256')
$$;

revoke all on function app_private.hash_api_key(text) from public;
grant execute on function app_private.hash_api_key(text) to service_role;

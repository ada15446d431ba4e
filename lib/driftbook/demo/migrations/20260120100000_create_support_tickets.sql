-- create_support_tickets: questions of members to us.
-- Safe to run twice. RLS: tenant isolation by tenant_id.

do $$ begin
    if to_regtype('public.ticket_priority') is null then
        create type public.ticket_priority as enum ('low', 'normal', 'urgent');
    end if;
end $$;

create table if not exists public.support_tickets (
    id bigint generated always as identity primary key,
    tenant_id uuid not null
        constraint support_tickets_tenant_id_fkey references public.tenants (id) on delete cascade,
    opened_by uuid
        constraint support_tickets_opened_by_fkey references public.profiles (id) on delete set null,
    subject text not null,
    body text not null default '',
    priority public.ticket_priority not null default 'normal',
    closed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index if not exists support_tickets_open_idx
    on public.support_tickets (tenant_id, created_at)
    where closed_at is null;

alter table public.support_tickets enable row level security;

drop policy if exists support_tickets_tenant on public.support_tickets;
create policy support_tickets_tenant on public.support_tickets
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

create or replace trigger support_tickets_touch
    before update on public.support_tickets
    for each row execute function app_private.touch_updated_at();

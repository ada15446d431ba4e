-- create_time_entries: hours worked on a task.
-- Safe to run twice. RLS: tenant isolation by tenant_id.

create table if not exists public.time_entries (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint time_entries_tenant_id_fkey references public.tenants (id) on delete cascade,
    task_id uuid not null
        constraint time_entries_task_id_fkey references public.tasks (id) on delete cascade,
    member_id uuid not null
        constraint time_entries_member_id_fkey references public.members (id) on delete cascade,
    started_at timestamptz not null,
    minutes integer not null,
    note text not null default '',
    is_billable boolean not null default true,
    constraint time_entries_minutes_check check (minutes between 1 and 1440)
);

create index if not exists time_entries_task_id_idx on public.time_entries (task_id);
create index if not exists time_entries_member_id_started_at_idx
    on public.time_entries (member_id, started_at);

alter table public.time_entries enable row level security;

drop policy if exists time_entries_tenant on public.time_entries;
create policy time_entries_tenant on public.time_entries
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

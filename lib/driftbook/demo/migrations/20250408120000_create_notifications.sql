-- create_notifications: messages to a member, pushed to the browser.
-- Safe to run twice. RLS: tenant isolation, and the own messages only.

create table if not exists public.notifications (
    id bigint generated always as identity primary key,
    tenant_id uuid not null
        constraint notifications_tenant_id_fkey references public.tenants (id) on delete cascade,
    user_id uuid not null
        constraint notifications_user_id_fkey references public.profiles (id) on delete cascade,
    kind text not null,
    payload jsonb not null default '{}',
    read_at timestamptz,
    created_at timestamptz not null default now()
);

create index if not exists notifications_unread_idx
    on public.notifications (user_id, created_at desc)
    where read_at is null;

alter table public.notifications enable row level security;

drop policy if exists notifications_own on public.notifications;
create policy notifications_own on public.notifications
    for all to authenticated
    using (
        tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid
        and user_id = (select auth.uid())
    )
    with check (
        tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid
        and user_id = (select auth.uid())
    );

-- A publication has no ADD TABLE IF NOT EXISTS.
do $$ begin
    if not exists (
        select from pg_catalog.pg_publication_tables
        where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = 'notifications'
    ) then
        alter publication supabase_realtime add table public.notifications;
    end if;
end $$;

-- create_task_comments: discussion of a task.
-- Safe to run twice. RLS: read by the whole tenant, written by the author.

create table if not exists public.task_comments (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint task_comments_tenant_id_fkey references public.tenants (id) on delete cascade,
    task_id uuid not null
        constraint task_comments_task_id_fkey references public.tasks (id) on delete cascade,
    author_id uuid
        constraint task_comments_author_id_fkey references public.profiles (id) on delete set null,
    body text not null,
    created_at timestamptz not null default now()
);

create index if not exists task_comments_task_id_created_at_idx
    on public.task_comments (task_id, created_at);

alter table public.task_comments enable row level security;

drop policy if exists task_comments_read on public.task_comments;
create policy task_comments_read on public.task_comments
    for select to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

drop policy if exists task_comments_write on public.task_comments;
create policy task_comments_write on public.task_comments
    for insert to authenticated
    with check (
        tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid
        and author_id = (select auth.uid())
    );

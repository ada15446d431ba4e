-- create_tags: labels on tasks.
-- Safe to run twice. RLS: tenant isolation by tenant_id.

create table if not exists public.tags (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint tags_tenant_id_fkey references public.tenants (id) on delete cascade,
    label text not null,
    color text not null default '#888888',
    constraint tags_tenant_id_label_key unique (tenant_id, label),
    constraint tags_color_check check (color ~ '^#[0-9a-f]{6}$')
);

alter table public.tags enable row level security;

drop policy if exists tags_tenant on public.tags;
create policy tags_tenant on public.tags
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

create table if not exists public.task_tags (
    tenant_id uuid not null
        constraint task_tags_tenant_id_fkey references public.tenants (id) on delete cascade,
    task_id uuid not null
        constraint task_tags_task_id_fkey references public.tasks (id) on delete cascade,
    tag_id uuid not null
        constraint task_tags_tag_id_fkey references public.tags (id) on delete cascade,
    constraint task_tags_pkey primary key (task_id, tag_id)
);

create index if not exists task_tags_tag_id_idx on public.task_tags (tag_id);

alter table public.task_tags enable row level security;

drop policy if exists task_tags_tenant on public.task_tags;
create policy task_tags_tenant on public.task_tags
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

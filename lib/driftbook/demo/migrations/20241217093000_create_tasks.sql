-- create_tasks: tasks of a project, and an overview of both.
-- Safe to run twice. RLS: tenant isolation by tenant_id; the view obeys the reader's policies.

do $$ begin
    if to_regtype('public.task_status') is null then
        create type public.task_status as enum ('todo', 'doing', 'review', 'done');
    end if;
end $$;

create table if not exists public.tasks (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint tasks_tenant_id_fkey references public.tenants (id) on delete cascade,
    project_id uuid not null
        constraint tasks_project_id_fkey references public.projects (id) on delete cascade,
    title text not null,
    body text not null default '',
    status public.task_status not null default 'todo',
    assignee_id uuid
        constraint tasks_assignee_id_fkey references public.members (id) on delete set null,
    due_on date,
    position numeric not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint tasks_title_check check (length(title) between 1 and 200)
);

comment on column public.tasks.position is 'Order on the board; a moved task gets a number between its neighbours';

create index if not exists tasks_project_id_position_idx on public.tasks (project_id, position);
create index if not exists tasks_assignee_id_idx on public.tasks (assignee_id) where status <> 'done';

alter table public.tasks enable row level security;

drop policy if exists tasks_tenant on public.tasks;
create policy tasks_tenant on public.tasks
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

create or replace trigger tasks_touch
    before update on public.tasks
    for each row execute function app_private.touch_updated_at();

create or replace view public.project_overview with (security_invoker = true) as
select
    p.id,
    p.tenant_id,
    p.name,
    p.status,
    count(t.id) as tasks,
    count(t.id) filter (where t.status = 'done') as tasks_done
from public.projects as p
left join public.tasks as t on t.project_id = p.id
group by p.id;

comment on view public.project_overview is 'Projects with the number of their tasks';
revoke all on public.project_overview from anon;

-- add_dashboard_functions: numbers for the first page.
-- Safe to run twice. Both run with the rights of the caller.

create or replace function public.open_tasks_by_member()
returns table (member_id uuid, tasks bigint)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select t.assignee_id, count(*)
    from public.tasks as t
    where t.status <> 'done' and t.assignee_id is not null
    group by t.assignee_id
$$;

create or replace function public.hours_by_project(first_day date, last_day date)
returns table (project_id uuid, hours numeric)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select t.project_id, round(sum(e.minutes) / 60.0, 2)
    from public.time_entries as e
    inner join public.tasks as t on t.id = e.task_id
    where e.started_at >= first_day and e.started_at < last_day + 1
    group by t.project_id
$$;

revoke all on function public.open_tasks_by_member() from public, anon;
revoke all on function public.hours_by_project(date, date) from public, anon;
grant execute on function public.open_tasks_by_member() to authenticated, service_role;
grant execute on function public.hours_by_project(date, date) to authenticated, service_role;

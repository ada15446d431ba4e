-- add_project_budget: how much a project may cost.
-- Safe to run twice.

alter table public.projects add column if not exists budget numeric(12, 2);

alter table public.projects drop constraint if exists projects_budget_check;
alter table public.projects add constraint projects_budget_check check (budget >= 0);

comment on column public.projects.budget is 'Net; empty: no limit';

-- create_expenses: what a member paid for a project.
-- Safe to run twice. RLS: tenant isolation by tenant_id.

do $$ begin
    if to_regtype('public.expense_status') is null then
        create type public.expense_status as enum ('submitted', 'approved', 'rejected', 'reimbursed');
    end if;
end $$;

create table if not exists public.expenses (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint expenses_tenant_id_fkey references public.tenants (id) on delete cascade,
    project_id uuid
        constraint expenses_project_id_fkey references public.projects (id) on delete set null,
    member_id uuid not null
        constraint expenses_member_id_fkey references public.members (id) on delete cascade,
    status public.expense_status not null default 'submitted',
    amount numeric(10, 2) not null,
    spent_on date not null,
    receipt_path text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint expenses_amount_check check (amount > 0)
);

create index if not exists expenses_tenant_id_spent_on_idx
    on public.expenses (tenant_id, spent_on);

alter table public.expenses enable row level security;

drop policy if exists expenses_tenant on public.expenses;
create policy expenses_tenant on public.expenses
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

create or replace trigger expenses_touch
    before update on public.expenses
    for each row execute function app_private.touch_updated_at();

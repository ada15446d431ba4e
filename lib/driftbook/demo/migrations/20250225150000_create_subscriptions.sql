-- create_subscriptions: what tenants pay us for.
-- Safe to run twice. RLS: everybody signed in reads the plans; subscriptions by tenant_id.

create table if not exists public.plans (
    code text primary key,
    name text not null,
    monthly_price numeric(10, 2) not null,
    max_members integer,
    is_public boolean not null default true,
    constraint plans_monthly_price_check check (monthly_price >= 0)
);

comment on column public.plans.max_members is 'Empty: no limit';

alter table public.plans enable row level security;

drop policy if exists plans_read on public.plans;
create policy plans_read on public.plans
    for select to authenticated
    using (is_public);

do $$ begin
    if to_regtype('public.subscription_status') is null then
        create type public.subscription_status as enum ('trial', 'active', 'past_due', 'ended');
    end if;
end $$;

create table if not exists public.subscriptions (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint subscriptions_tenant_id_fkey references public.tenants (id) on delete cascade,
    plan_code text not null
        constraint subscriptions_plan_code_fkey references public.plans (code),
    status public.subscription_status not null default 'trial',
    current_period daterange not null
        default daterange(current_date, current_date + 30),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create unique index if not exists subscriptions_one_running_key
    on public.subscriptions (tenant_id)
    where status <> 'ended';

alter table public.subscriptions enable row level security;

drop policy if exists subscriptions_tenant on public.subscriptions;
create policy subscriptions_tenant on public.subscriptions
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

create or replace trigger subscriptions_touch
    before update on public.subscriptions
    for each row execute function app_private.touch_updated_at();

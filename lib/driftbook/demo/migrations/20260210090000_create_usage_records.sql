-- create_usage_records: what is counted for plans that are paid by use.
-- Safe to run twice. RLS: members read; only the service writes.

create table if not exists public.usage_records (
    id bigint generated always as identity primary key,
    tenant_id uuid not null
        constraint usage_records_tenant_id_fkey references public.tenants (id) on delete cascade,
    metric text not null,
    quantity bigint not null,
    recorded_at timestamptz not null default now(),
    constraint usage_records_quantity_check check (quantity >= 0)
);

create index if not exists usage_records_tenant_id_metric_recorded_at_idx
    on public.usage_records (tenant_id, metric, recorded_at);

alter table public.usage_records enable row level security;

drop policy if exists usage_records_read on public.usage_records;
create policy usage_records_read on public.usage_records
    for select to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

revoke all on public.usage_records from anon;
revoke insert, update, delete, truncate on public.usage_records from authenticated;

-- create_audit_log: who changed what.
-- Safe to run twice. RLS: admins of the tenant read; nobody but the trigger writes.

create table if not exists public.audit_log (
    id bigint generated always as identity primary key,
    tenant_id uuid not null,
    actor_id uuid,
    action text not null,
    table_name text not null,
    row_id uuid,
    old_row jsonb,
    new_row jsonb,
    occurred_at timestamptz not null default now(),
    constraint audit_log_action_check check (action in ('INSERT', 'UPDATE', 'DELETE'))
);

comment on table public.audit_log is 'Append only; has no foreign key, so that it outlives what it tells of';

create index if not exists audit_log_tenant_id_occurred_at_idx
    on public.audit_log (tenant_id, occurred_at);

alter table public.audit_log enable row level security;

drop policy if exists audit_log_read on public.audit_log;
create policy audit_log_read on public.audit_log
    for select to authenticated
    using (
        tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid
        and (select public.is_tenant_admin(tenant_id))
    );

revoke all on public.audit_log from anon;
revoke insert, update, delete, truncate on public.audit_log from authenticated;

create or replace function app_private.record_change()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    old_row jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    new_row jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
begin
    insert into public.audit_log (tenant_id, actor_id, action, table_name, row_id, old_row, new_row)
    values (
        (coalesce(new_row, old_row) ->> 'tenant_id')::uuid,
        auth.uid(),
        tg_op,
        tg_table_name,
        (coalesce(new_row, old_row) ->> 'id')::uuid,
        old_row,
        new_row
    );
    return null;
end
$$;

create or replace trigger invoices_record_change
    after insert or update or delete on public.invoices
    for each row execute function app_private.record_change();

create or replace trigger members_record_change
    after insert or update or delete on public.members
    for each row execute function app_private.record_change();

-- create_exec_sql: run SQL from the maintenance scripts.
-- Safe to run twice. For SELECT, and data repairs with care; never for CREATE, ALTER or DROP.

create or replace function public.exec_sql(sql text)
returns void
language plpgsql
security definer
set search_path = public, extensions, pg_temp
as $$
begin
    execute sql;
end
$$;

comment on function public.exec_sql(text) is 'Maintenance scripts only; schema changes belong into a migration';

revoke all on function public.exec_sql(text) from public, anon, authenticated;
grant execute on function public.exec_sql(text) to service_role;

-- add_overdue_function: which open invoices are late; called by the nightly job.
-- Safe to run twice.

create or replace function app_private.overdue_invoices(as_of date default current_date)
returns setof public.invoices
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select i.*
    from public.invoices as i
    where i.status = 'open' and i.due_on < as_of
    order by i.due_on
$$;

revoke all on function app_private.overdue_invoices(date) from public;
grant execute on function app_private.overdue_invoices(date) to service_role;

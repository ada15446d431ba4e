-- create_revenue_by_month: revenue for the dashboard, refreshed every night by the service.
-- Safe to run twice. Materialized views have no RLS, so it lives outside the API.

create materialized view if not exists app_private.revenue_by_month as
select
    p.tenant_id,
    date_trunc('month', p.paid_at at time zone 'UTC')::date as month,
    sum(p.amount) as revenue,
    count(*) as payments
from public.payments as p
group by 1, 2;

create unique index if not exists revenue_by_month_key
    on app_private.revenue_by_month (tenant_id, month);

comment on materialized view app_private.revenue_by_month is 'As of the last refresh';
grant select on app_private.revenue_by_month to service_role;

-- create_open_invoices_view: invoices that wait for money.
-- Safe to run twice. The view obeys the reader's policies.

create or replace view public.open_invoices with (security_invoker = true) as
select
    i.id,
    i.tenant_id,
    i.number,
    c.name as customer,
    i.total,
    i.total - coalesce(sum(p.amount), 0) as due,
    i.due_on
from public.invoices as i
inner join public.customers as c on c.id = i.customer_id
left join public.payments as p on p.invoice_id = i.id
where i.status = 'open'
group by i.id, c.name;

comment on view public.open_invoices is 'Open invoices with what is left to pay';
revoke all on public.open_invoices from anon;

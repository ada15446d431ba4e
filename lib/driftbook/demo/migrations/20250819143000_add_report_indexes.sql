-- add_report_indexes: the monthly reports read whole years of a tenant.
-- Safe to run twice.

create index if not exists invoices_tenant_id_issued_on_idx
    on public.invoices (tenant_id, issued_on);
create index if not exists orders_tenant_id_placed_at_idx
    on public.orders (tenant_id, placed_at);
create index if not exists expenses_project_id_idx
    on public.expenses (project_id);

-- lost_invoices in a comment is no use of it
create index on public.lost_invoices (account_id);

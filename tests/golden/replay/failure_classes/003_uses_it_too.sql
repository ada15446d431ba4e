alter table lost_invoices enable row level security;

-- add_due_date_reminders: remind a customer once before an invoice is due.
-- Safe to run twice.

alter table public.invoices add column if not exists reminded_at timestamptz;

create index if not exists invoices_to_remind_idx
    on public.invoices (due_on)
    where status = 'open' and reminded_at is null;

comment on column public.invoices.reminded_at is 'When the customer was reminded; empty: not yet';

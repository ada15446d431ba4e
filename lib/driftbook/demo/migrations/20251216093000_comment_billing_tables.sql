-- comment_billing_tables: words for the data catalogue of the accountants.
-- Safe to run twice.

comment on table public.payments is 'Money received; written by the payment provider''s webhook only';
comment on table public.subscriptions is 'What a tenant pays us; one running row per tenant';
comment on column public.payments.provider_reference is 'Identifier at the payment provider';
comment on column public.invoices.due_on is 'Last day of payment';

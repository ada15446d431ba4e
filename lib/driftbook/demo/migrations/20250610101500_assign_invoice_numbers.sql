-- assign_invoice_numbers: an invoice gets its number when it leaves the draft.
-- Safe to run twice.

create or replace function app_private.assign_invoice_number()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.number is null and new.status <> 'draft' then
        perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text, 0));
        select to_char(new.issued_on, 'YYYY') || '-' || lpad((count(*) + 1)::text, 5, '0')
        into new.number
        from public.invoices as i
        where i.tenant_id = new.tenant_id and i.number is not null;
    end if;
    return new;
end
$$;

create or replace trigger invoices_assign_number
    before insert or update of status on public.invoices
    for each row execute function app_private.assign_invoice_number();

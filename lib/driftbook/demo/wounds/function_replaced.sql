-- 2026-01-28: "approving fails for support staff": the check of the tenant went away.
create or replace function public.approve_invoice(p_invoice_id uuid)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.invoices as i
    set approved_at = now(),
        approved_by = auth.uid()
    where i.id = p_invoice_id
      and i.approved_at is null;
    if not found then
        raise exception 'no such invoice waits for an approval';
    end if;
end
$$;

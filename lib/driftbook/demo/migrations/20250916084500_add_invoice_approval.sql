-- add_invoice_approval: an invoice above the limit of its tenant needs an approval.
-- Safe to run twice. The function runs as its owner, so it checks the tenant itself.

alter table public.invoices add column if not exists approved_at timestamptz;
alter table public.invoices add column if not exists approved_by uuid;

alter table public.invoices drop constraint if exists invoices_approved_by_fkey;
alter table public.invoices add constraint invoices_approved_by_fkey
    foreign key (approved_by) references public.profiles (id) on delete set null;

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
      and i.tenant_id = (auth.jwt() ->> 'tenant_id')::uuid
      and i.approved_at is null;
    if not found then
        raise exception 'no such invoice waits for an approval';
    end if;
end
$$;

revoke all on function public.approve_invoice(uuid) from public, anon;
grant execute on function public.approve_invoice(uuid) to authenticated, service_role;

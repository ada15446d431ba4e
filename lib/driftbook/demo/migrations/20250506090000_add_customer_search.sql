-- add_customer_search: find customers by a part of their name.
-- Safe to run twice.

create index if not exists customers_name_trgm_idx
    on public.customers using gin (name extensions.gin_trgm_ops);

create or replace function public.search_customers(term text)
returns setof public.customers
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select c.*
    from public.customers as c
    where c.name ilike '%' || term || '%'
    order by c.name
    limit 50
$$;

revoke all on function public.search_customers(text) from public, anon;
grant execute on function public.search_customers(text) to authenticated, service_role;

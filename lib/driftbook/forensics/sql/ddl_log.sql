-- ddl_log: one row when the log of DDL events is installed: whether it may be read, and in full.
--
-- Columns: readable bool, filtered bool
select
    pg_catalog.has_schema_privilege(n.oid, 'usage')
    and pg_catalog.has_table_privilege(c.oid, 'select') as readable,
    -- Its own policy shows every row; with any other set of policies rows may be hidden.
    c.relrowsecurity
    and not exists (
        select from pg_catalog.pg_roles as r
        where r.rolname = current_user and (r.rolsuper or r.rolbypassrls)
    )
    and (
        not exists (
            select from pg_catalog.pg_policy as p
            where
                p.polrelid = c.oid and p.polpermissive and p.polcmd in ('r', '*')
                and p.polroles = '{0}' and pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true'
        )
        or exists (
            select from pg_catalog.pg_policy as p
            where p.polrelid = c.oid and not p.polpermissive
        )
    ) as filtered
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where n.nspname = 'driftbook' and c.relname = 'ddl_log'
order by c.oid;

-- powers: what the session's role may do beyond reading the catalog.
--
-- Key: power
-- Columns: power text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
with me as (
    select r.oid, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolreplication
    from pg_catalog.pg_roles as r
    where r.rolname = current_user
)
select power.name as power
from me
cross join lateral (
    values
    ('superuser', me.rolsuper),
    ('BYPASSRLS', me.rolbypassrls),
    ('CREATEROLE', me.rolcreaterole),
    ('CREATEDB', me.rolcreatedb),
    ('REPLICATION', me.rolreplication),
    (
        'member of pg_read_all_data',
        not me.rolsuper and pg_catalog.pg_has_role(me.oid, 'pg_read_all_data', 'member')
    ),
    (
        'owner of tables',
        not me.rolsuper and exists (
            select from pg_catalog.pg_class as c
            inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
            where
                c.relkind in ('r', 'p')
                and n.nspname !~ '^pg_'
                and n.nspname <> 'information_schema'
                and pg_catalog.pg_has_role(me.oid, c.relowner, 'usage')
        )
    )
) as power (name, held)
where power.held
order by power.name;

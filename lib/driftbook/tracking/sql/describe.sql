-- tracking table: what it is and whether the session's role may read all of it.
--
-- Key: schema
-- Columns: has_schema bool, kind text, can_use bool, can_select bool, is_filtered bool, open_policy bool, columns text[], elsewhere text[], role text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT; psycopg parameters schema, name
select
    n.oid is not null as has_schema,
    c.relkind::text as kind,
    coalesce(pg_catalog.has_schema_privilege(n.oid, 'usage'), false) as can_use,
    coalesce(pg_catalog.has_table_privilege(c.oid, 'select'), false) as can_select,
    coalesce(pg_catalog.row_security_active(c.oid), false) as is_filtered,
    -- A filtered read looks like "nothing was applied": only a policy that admits every row will do.
    coalesce((
        select
            pg_catalog.bool_or(p.polpermissive and pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true')
            and not pg_catalog.bool_or(not p.polpermissive)
        from pg_catalog.pg_policy as p
        where
            p.polrelid = c.oid
            and p.polcmd in ('r', '*')
            and (
                0 = any(p.polroles)
                or exists (
                    select from pg_catalog.unnest(p.polroles) as r (oid)
                    where pg_catalog.pg_has_role(r.oid, 'usage')
                )
            )
    ), false) as open_policy,
    array(
        select a.attname::text
        from pg_catalog.pg_attribute as a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        order by a.attnum
    ) as columns,
    array(
        select o.relnamespace::pg_catalog.regnamespace::text
        from pg_catalog.pg_class as o
        where o.relname = wanted.table_name and o.relkind in ('r', 'p') and o.oid is distinct from c.oid
        order by o.relnamespace::pg_catalog.regnamespace::text
    ) as elsewhere,
    current_user::text as role
from (select %(schema)s::text as schema_name, %(name)s::text as table_name) as wanted
left join pg_catalog.pg_namespace as n on n.nspname = wanted.schema_name
left join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relname = wanted.table_name
order by has_schema;

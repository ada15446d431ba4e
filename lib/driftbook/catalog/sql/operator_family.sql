-- operator_family: one row per operator family, named with its access method.
--
-- Key: schema, name
-- Columns: schema text, name text, operators text, functions text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    pg_catalog.format('%s(%s)', o.opfname, a.amname) as name,
    -- Members of a class are in its row.
    (
        -- part: operator_members
    ) as operators,
    (
        -- part: function_members
    ) as functions
from pg_catalog.pg_opfamily as o
inner join pg_catalog.pg_namespace as n on o.opfnamespace = n.oid
inner join pg_catalog.pg_am as a on o.opfmethod = a.oid
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_opfamily'::pg_catalog.regclass
            and m.objid = o.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

-- schema: one row per schema that is not the server's own.
--
-- Key: name
-- Columns: name text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select n.nspname::text as name
from pg_catalog.pg_namespace as n
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
            and m.objid = n.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by name;

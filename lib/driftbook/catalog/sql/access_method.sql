-- access_method: one row per access method that a user made.
--
-- Key: name
-- Columns: name text, type text, handler text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    a.amname::text as name,
    case a.amtype when 'i' then 'index' when 't' then 'table' else a.amtype::text end as type,
    a.amhandler::text as handler
from pg_catalog.pg_am as a
where
    -- Below are those of initdb.
    a.oid >= 16384
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_am'::pg_catalog.regclass
            and m.objid = a.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by name;

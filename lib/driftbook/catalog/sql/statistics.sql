-- statistics: one row per extended statistics object.
--
-- Key: schema, name
-- Columns: schema text, name text, definition text, target int8
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    s.stxname::text as name,
    pg_catalog.pg_get_statisticsobjdef(s.oid) as definition,
    nullif(s.stxstattarget::int8, -1) as target
from pg_catalog.pg_statistic_ext as s
inner join pg_catalog.pg_namespace as n on s.stxnamespace = n.oid
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass
            and m.objid = s.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

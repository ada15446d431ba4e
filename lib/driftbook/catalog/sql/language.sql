-- language: one row per procedural language that a user made.
--
-- Key: name
-- Columns: name text, trusted bool, handler text, inline text, validator text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    l.lanname::text as name,
    l.lanpltrusted as trusted,
    case when l.lanplcallfoid <> 0 then l.lanplcallfoid::pg_catalog.regprocedure::text end
    as handler,
    case when l.laninline <> 0 then l.laninline::pg_catalog.regprocedure::text end as inline,
    case when l.lanvalidator <> 0 then l.lanvalidator::pg_catalog.regprocedure::text end
    as validator
from pg_catalog.pg_language as l
where
    -- Below are those of initdb.
    l.oid >= 16384
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_language'::pg_catalog.regclass
            and m.objid = l.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by name;

-- transform: one row per transform of a type for a language.
--
-- Key: type, language
-- Columns: type text, language text, from_sql text, to_sql text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    pg_catalog.format_type(t.trftype, null) as type,
    l.lanname::text as language,
    case when t.trffromsql <> 0 then t.trffromsql::pg_catalog.regprocedure::text end as from_sql,
    case when t.trftosql <> 0 then t.trftosql::pg_catalog.regprocedure::text end as to_sql
from pg_catalog.pg_transform as t
inner join pg_catalog.pg_language as l on t.trflang = l.oid
where
    -- Below are those of initdb.
    t.oid >= 16384
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_transform'::pg_catalog.regclass
            and m.objid = t.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by type, language;

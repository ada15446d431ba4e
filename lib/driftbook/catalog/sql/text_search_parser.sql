-- text_search_parser: one row per text search parser.
--
-- Key: schema, name
-- Columns: schema text, name text, start text, token text, end text, headline text, types text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    t.prsname::text as name,
    t.prsstart::text as start,
    t.prstoken::text as token,
    t.prsend::text as "end",
    nullif(t.prsheadline::text, '-') as headline,
    t.prslextype::text as types
from pg_catalog.pg_ts_parser as t
inner join pg_catalog.pg_namespace as n on t.prsnamespace = n.oid
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_ts_parser'::pg_catalog.regclass
            and m.objid = t.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

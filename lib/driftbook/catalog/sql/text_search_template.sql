-- text_search_template: one row per text search template.
--
-- Key: schema, name
-- Columns: schema text, name text, init text, lexize text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    t.tmplname::text as name,
    nullif(t.tmplinit::text, '-') as init,
    t.tmpllexize::text as lexize
from pg_catalog.pg_ts_template as t
inner join pg_catalog.pg_namespace as n on t.tmplnamespace = n.oid
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_ts_template'::pg_catalog.regclass
            and m.objid = t.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

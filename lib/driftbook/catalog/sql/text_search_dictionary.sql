-- text_search_dictionary: one row per text search dictionary.
--
-- Key: schema, name
-- Columns: schema text, name text, template text, options text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    t.dictname::text as name,
    pg_catalog.format('%I.%I', mn.nspname, p.tmplname) as template,
    t.dictinitoption as options
from pg_catalog.pg_ts_dict as t
inner join pg_catalog.pg_namespace as n on t.dictnamespace = n.oid
inner join pg_catalog.pg_ts_template as p on t.dicttemplate = p.oid
inner join pg_catalog.pg_namespace as mn on p.tmplnamespace = mn.oid
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_ts_dict'::pg_catalog.regclass
            and m.objid = t.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

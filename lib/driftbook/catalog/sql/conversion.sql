-- conversion: one row per conversion between encodings.
--
-- Key: schema, name
-- Columns: schema text, name text, source text, target text, function text, default bool
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    c.conname::text as name,
    pg_catalog.pg_encoding_to_char(c.conforencoding)::text as source,
    pg_catalog.pg_encoding_to_char(c.contoencoding)::text as target,
    c.conproc::text as function,
    c.condefault as "default"
from pg_catalog.pg_conversion as c
inner join pg_catalog.pg_namespace as n on c.connamespace = n.oid
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_conversion'::pg_catalog.regclass
            and m.objid = c.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

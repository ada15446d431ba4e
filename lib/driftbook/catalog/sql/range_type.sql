-- range_type: one row per range type; its multirange type and constructors follow it.
--
-- Key: schema, name
-- Columns: schema text, name text, subtype text, collation text, operator_class text,
--     canonical text, subtype_diff text, multirange text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    t.typname::text as name,
    pg_catalog.format_type(r.rngsubtype, null) as subtype,
    pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname) as collation,
    pg_catalog.format('%I.%I', cn.nspname, c.opcname) as operator_class,
    nullif(r.rngcanonical::text, '-') as canonical,
    nullif(r.rngsubdiff::text, '-') as subtype_diff,
    pg_catalog.format_type(r.rngmultitypid, null) as multirange
from pg_catalog.pg_range as r
inner join pg_catalog.pg_type as t on r.rngtypid = t.oid
inner join pg_catalog.pg_type as b on r.rngsubtype = b.oid
inner join pg_catalog.pg_namespace as n on t.typnamespace = n.oid
inner join pg_catalog.pg_opclass as c on r.rngsubopc = c.oid
inner join pg_catalog.pg_namespace as cn on c.opcnamespace = cn.oid
left join pg_catalog.pg_collation as l
    on r.rngcollation = l.oid and r.rngcollation <> b.typcollation
left join pg_catalog.pg_namespace as ln on l.collnamespace = ln.oid
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
            and m.objid = t.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

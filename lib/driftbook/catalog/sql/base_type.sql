-- base_type: one row per type made of input and output functions, or declared and never made.
--
-- Key: schema, name
-- Columns: schema text, name text, input text, output text, receive text, send text,
--     modifiers text, analyze text, subscript text, layout text, category text, default text,
--     element text, collation text, defined bool
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    t.typname::text as name,
    nullif(t.typinput::text, '-') as input,
    nullif(t.typoutput::text, '-') as output,
    nullif(t.typreceive::text, '-') as receive,
    nullif(t.typsend::text, '-') as send,
    nullif(
        pg_catalog.concat_ws(
            ', ', nullif(t.typmodin::text, '-'), nullif(t.typmodout::text, '-')
        ), ''
    ) as modifiers,
    nullif(t.typanalyze::text, '-') as "analyze",
    nullif(t.typsubscript::text, '-') as subscript,
    pg_catalog.format(
        'length %s, align %s, storage %s%s', t.typlen, t.typalign, t.typstorage,
        case when t.typbyval then ', by value' else '' end
    ) as layout,
    pg_catalog.concat_ws(
        ' ', t.typcategory, case when t.typispreferred then 'preferred' end, t.typdelim
    ) as category,
    t.typdefault as "default",
    case when t.typelem <> 0 then pg_catalog.format_type(t.typelem, null) end as element,
    pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname) as collation,
    t.typisdefined as defined
from pg_catalog.pg_type as t
inner join pg_catalog.pg_namespace as n on t.typnamespace = n.oid
left join pg_catalog.pg_collation as l on t.typcollation = l.oid
left join pg_catalog.pg_namespace as ln on l.collnamespace = ln.oid
where
    t.typtype in ('b', 'p')
    and not exists (select from pg_catalog.pg_type as e where e.typarray = t.oid)
    and n.nspname !~ '^pg_'
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

-- composite_type: one row per type made of attributes, these in their order.
--
-- Key: schema, name
-- Columns: schema text, name text, attributes text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    t.typname::text as name,
    (
        select pg_catalog.string_agg(
            pg_catalog.concat_ws(
                ' ',
                pg_catalog.quote_ident(a.attname),
                pg_catalog.format_type(a.atttypid, a.atttypmod),
                case when l.oid is not null
                    then pg_catalog.format('collate %I.%I', ln.nspname, l.collname)
                end
            ),
            ', ' order by a.attnum
        )
        from pg_catalog.pg_attribute as a
        inner join pg_catalog.pg_type as b on a.atttypid = b.oid
        left join pg_catalog.pg_collation as l
            on a.attcollation = l.oid and a.attcollation <> b.typcollation
        left join pg_catalog.pg_namespace as ln on l.collnamespace = ln.oid
        where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    ) as attributes
from pg_catalog.pg_type as t
inner join pg_catalog.pg_class as c on t.typrelid = c.oid and c.relkind = 'c'
inner join pg_catalog.pg_namespace as n on t.typnamespace = n.oid
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

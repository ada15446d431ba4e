-- enum: one row per enum type, its labels in their order.
--
-- Key: schema, name
-- Columns: schema text, name text, labels text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    t.typname::text as name,
    (
        select pg_catalog.string_agg(
            pg_catalog.quote_literal(e.enumlabel), ', ' order by e.enumsortorder
        )
        from pg_catalog.pg_enum as e
        where e.enumtypid = t.oid
    ) as labels
from pg_catalog.pg_type as t
inner join pg_catalog.pg_namespace as n on t.typnamespace = n.oid
where
    t.typtype = 'e'
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

-- index: one row per index of a table or materialized view.
--
-- Key: schema, name
-- Columns: schema text, name text, table text, definition text, primary bool, valid bool,
--     clustered bool, replica_identity bool, parent_index text, statistics text,
--     tablespace text, unique bool, constraint text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    c.relname::text as name,
    r.relname::text as "table",
    pg_catalog.pg_get_indexdef(c.oid) as definition,
    i.indisprimary as "primary",
    i.indisvalid and i.indisready and i.indislive as valid,
    i.indisclustered as clustered,
    i.indisreplident as replica_identity,
    case when c.relispartition then (
        select pg_catalog.format('%I.%I', pn.nspname, pc.relname)
        from pg_catalog.pg_inherits as h
        inner join pg_catalog.pg_class as pc on h.inhparent = pc.oid
        inner join pg_catalog.pg_namespace as pn on pc.relnamespace = pn.oid
        where h.inhrelid = c.oid
    ) end as parent_index,
    -- Only what an index computes can have a target of its own.
    case when i.indexprs is not null then (
        select pg_catalog.string_agg(
            pg_catalog.format('%s: %s', a.attnum, a.attstattarget), ', ' order by a.attnum
        )
        from pg_catalog.pg_attribute as a
        where a.attrelid = c.oid and a.attstattarget >= 0
    ) end as statistics,
    s.spcname::text as tablespace,
    i.indisunique as "unique",
    k.conname::text as constraint
from pg_catalog.pg_index as i
inner join pg_catalog.pg_class as c on i.indexrelid = c.oid
inner join pg_catalog.pg_class as r on i.indrelid = r.oid
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
left join pg_catalog.pg_tablespace as s on c.reltablespace = s.oid
left join pg_catalog.pg_constraint as k on c.oid = k.conindid and k.contype in ('p', 'u', 'x')
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and m.objid in (c.oid, r.oid)
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

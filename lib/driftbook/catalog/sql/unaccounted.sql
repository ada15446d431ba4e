-- unaccounted: one row per object of a user that no frame holds.
--
-- Key: catalog, schema, name
-- Columns: catalog text, schema text, name text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
with found (catalog, oid, namespace, name) as (
    -- Whatever is in a catalog that a newer server brought: by name where it depends on anything.
    select
        c.oid, d.objid, null::oid,
        coalesce((pg_catalog.pg_identify_object(d.classid, d.objid, 0)).identity, '(rows)')
    from pg_catalog.pg_class as c
    left join lateral (
        select p.classid, p.objid from pg_catalog.pg_depend as p
        where p.classid = c.oid and p.objid >= 16384
        union
        select s.classid, s.objid from pg_catalog.pg_shdepend as s
        inner join pg_catalog.pg_database as b on s.dbid = b.oid
        where
            s.classid = c.oid and s.objid >= 16384
            and b.datname = pg_catalog.current_database()
    ) as d on true
    where
        c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
        and c.relkind in ('r', 'p')
        and c.relname not in (
            -- part: known_catalogs
        )
        and (d.objid is not null or pg_catalog.pg_relation_size(c.oid) > 0)
    union all
    -- Objects of a sort that a newer server brought.
    select c.tableoid, c.oid, c.relnamespace, c.relname::text
    from pg_catalog.pg_class as c
    where c.relkind not in ('r', 'p', 'f', 'v', 'm', 'S', 'i', 'I', 'c', 't')
    union all
    select k.tableoid, k.oid, k.connamespace, k.conname::text
    from pg_catalog.pg_constraint as k
    where k.contype not in ('c', 'f', 'p', 'u', 'x', 'n', 't')
    union all
    select t.tableoid, t.oid, t.typnamespace, t.typname::text
    from pg_catalog.pg_type as t
    where t.typtype not in ('b', 'c', 'd', 'e', 'm', 'p', 'r')
    union all
    -- What somebody put among the server's own, where no frame looks.
    select o.catalog, o.oid, o.namespace, o.name
    from (
        -- part: placed_objects
    ) as o (catalog, oid, namespace, name)
    where
        o.namespace in (
            'pg_catalog'::pg_catalog.regnamespace,
            (select i.oid from pg_catalog.pg_namespace as i where i.nspname = 'information_schema')
        )
)

select
    f.catalog::pg_catalog.regclass::text as catalog,
    coalesce(n.nspname::text, '') as schema,
    f.name
from found as f
left join pg_catalog.pg_namespace as n on f.namespace = n.oid
where
    -- What sessions make for themselves passes with them.
    coalesce(n.nspname, '') !~ '^pg_(toast|temp_)'
    and not exists (
        select from pg_catalog.pg_depend as m
        where m.classid = f.catalog and m.objid = f.oid and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by catalog, schema, name;

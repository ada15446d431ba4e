-- owner: one row per object that has an owner of its own.
--
-- Key: object_kind, schema, name
-- Columns: object_kind text, schema text, name text, role text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
with owned (catalog, oid, object_kind, namespace, name, owner, acl) as (
    -- part: database_objects
    union all
    -- part: schema_objects
)

select
    o.object_kind,
    case when o.object_kind = 'schema' then '' else coalesce(n.nspname::text, '') end as schema,
    o.name,
    coalesce(r.rolname::text, '(dropped role)') as role
from owned as o
left join pg_catalog.pg_namespace as n on o.namespace = n.oid
left join pg_catalog.pg_roles as r on o.owner = r.oid
where
    o.owner is not null
    -- Below are languages of initdb, whose owner is whoever made the cluster.
    and (o.oid >= 16384 or o.object_kind <> 'language')
    and coalesce(n.nspname, '') !~ '^pg_'
    and coalesce(n.nspname, '') <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        inner join pg_catalog.pg_extension as e on m.refobjid = e.oid
        where
            m.classid = o.catalog
            and m.objid = o.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
            -- Members of a trusted extension are the first role's; of others, who made it.
            and o.owner in (10, e.extowner)
    )
    and not exists (
        -- Constructors of a range type follow the type, the sequence of a column its table.
        select from pg_catalog.pg_depend as m
        where
            m.classid = o.catalog
            and m.objid = o.oid
            and (
                m.deptype = 'i' and m.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                or m.deptype in ('a', 'i') and o.object_kind = 'sequence'
                and m.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            )
    )
order by object_kind, schema, name;

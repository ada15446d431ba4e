-- security_label: one row per label of a provider; sub names the column.
--
-- Key: object_kind, schema, name, sub, provider
-- Columns: object_kind text, schema text, name text, sub text, provider text, label text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
with named (catalog, oid, object_kind, namespace, name, owner, acl) as (
    -- part: database_objects
    union all
    -- part: schema_objects
)

select
    case when d.objsubid > 0 then 'column' else o.object_kind end as object_kind,
    case when o.object_kind = 'schema' then '' else coalesce(n.nspname::text, '') end as schema,
    o.name,
    coalesce(a.attname::text, '') as sub,
    d.provider,
    d.label
from named as o
inner join (
    select l.classoid, l.objoid, l.objsubid, l.provider, l.label
    from pg_catalog.pg_seclabel as l
    union all
    -- A subscription is an object of the whole server, and named in one database.
    select l.classoid, l.objoid, 0, l.provider, l.label
    from pg_catalog.pg_shseclabel as l
) as d on d.classoid = o.catalog and o.oid = d.objoid
left join pg_catalog.pg_attribute as a
    on
        d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and d.objoid = a.attrelid and d.objsubid = a.attnum and d.objsubid > 0
left join pg_catalog.pg_namespace as n on o.namespace = n.oid
where
    coalesce(n.nspname, '') !~ '^(pg_|information_schema$)'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = o.catalog
            and m.objid = o.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by object_kind, schema, name, sub, provider;

-- comment: one row per comment; sub names the column, constraint, trigger, policy or rule.
--
-- Key: object_kind, schema, name, sub
-- Columns: object_kind text, schema text, name text, sub text, text text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
with named (catalog, oid, object_kind, namespace, name, sub, owner_catalog, owner_oid) as (
    select h.catalog, h.oid, h.object_kind, h.namespace, h.name, '', h.catalog, h.oid
    from (
        -- part: database_objects
        union all
        -- part: schema_objects
    ) as h (catalog, oid, object_kind, namespace, name, owner, acl)
    union all
    -- part: members
)

select
    case when d.objsubid > 0 then 'column' else o.object_kind end as object_kind,
    case when o.object_kind = 'schema' then '' else coalesce(n.nspname::text, '') end as schema,
    o.name, coalesce(a.attname::text, o.sub) as sub, d.description as text
from named as o
inner join pg_catalog.pg_description as d
    on o.catalog = d.classoid and o.oid = d.objoid
left join pg_catalog.pg_attribute as a
    on
        d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and d.objoid = a.attrelid and d.objsubid = a.attnum and d.objsubid > 0
left join pg_catalog.pg_namespace as n on o.namespace = n.oid
where
    -- Below are comments of initdb.
    (d.objoid >= 16384 or o.object_kind in ('schema', 'extension'))
    and d.objsubid >= 0
    and coalesce(n.nspname, '') !~ '^(pg_|information_schema$)'
    -- What the file of an extension says of it is the server's: another one may say it otherwise.
    and not (
        o.object_kind = 'extension'
        and (o.name, d.description) in (
            select x.name::text, x.comment from pg_catalog.pg_available_extensions() as x
        )
    )
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = o.owner_catalog
            and m.objid = o.owner_oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by object_kind, schema, name, sub;

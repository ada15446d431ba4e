-- privilege: one row per privilege that somebody holds on an object or a column of it.
--
-- Key: object_kind, schema, name, column, grantee, privilege
-- Columns: object_kind text, schema text, name text, column text, grantee text,
--     privilege text, grantable bool, grantor text, is_owner bool
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
with granted (catalog, oid, object_kind, namespace, name, owner, acl, sub) as (
    select h.*, ''
    from (
        -- part: database_objects
        union all
        -- part: schema_objects
        union all
        -- part: parameters
    ) as h
    union all
    select
        c.tableoid, c.oid,
        case c.relkind
            when 'v' then 'view' when 'm' then 'materialized_view' when 'S' then 'sequence'
            else 'table'
        end,
        c.relnamespace, c.relname::text, c.relowner, a.attacl, a.attname::text
    from pg_catalog.pg_attribute as a
    inner join pg_catalog.pg_class as c on a.attrelid = c.oid
    where a.attacl is not null and not a.attisdropped and a.attnum > 0
)

select
    g.object_kind,
    case when g.object_kind = 'schema' then '' else coalesce(n.nspname::text, '') end as schema,
    g.name,
    g.sub as "column",
    case when x.grantee = 0 then 'PUBLIC' else coalesce(r.rolname::text, '(dropped role)') end
    as grantee,
    x.privilege_type as privilege,
    -- An owner can always grant: whether the entry says so is form.
    pg_catalog.bool_or(x.is_grantable and x.grantee <> g.owner) as grantable,
    pg_catalog.string_agg(distinct b.rolname, ', ' order by b.rolname) as grantor,
    pg_catalog.bool_or(x.grantee = g.owner) as is_owner
from granted as g
cross join lateral pg_catalog.aclexplode(g.acl) as x
left join pg_catalog.pg_namespace as n on g.namespace = n.oid
left join pg_catalog.pg_roles as r on x.grantee = r.oid
left join pg_catalog.pg_roles as b on x.grantor = b.oid
where
    g.acl is not null
    -- What the cluster's maker holds on its languages and parameters bears another name elsewhere.
    and (
        x.grantee <> g.owner
        or g.object_kind <> 'parameter' and (g.object_kind <> 'language' or g.oid >= 16384)
    )
    and coalesce(n.nspname, '') !~ '^pg_'
    and coalesce(n.nspname, '') <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = g.catalog
            and m.objid = g.oid
            and (
                -- A language of initdb is an extension's, and its privileges are the project's.
                m.deptype = 'e' and (g.object_kind <> 'language' or g.oid >= 16384)
                or m.deptype = 'i' and g.object_kind = 'function'
            )
    )
group by 1, 2, 3, 4, 5, 6
order by object_kind, schema, name, "column", grantee, privilege;

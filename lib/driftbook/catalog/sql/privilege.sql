-- privilege: one row per privilege that somebody holds on an object or a column of it.
--
-- Key: object_kind, schema, name, column, grantee, privilege
-- Columns: object_kind text, schema text, name text, column text, grantee text,
--     privilege text, grantable bool, grantor text, is_owner bool
-- Packed: privilege, grantable, grantor
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
),

held as materialized (
    select
        g.oid, g.object_kind, g.name, g.sub, g.owner, g.acl,
        case when g.object_kind = 'schema' then '' else coalesce(n.nspname::text, '') end as schema
    from granted as g
    left join pg_catalog.pg_namespace as n on g.namespace = n.oid
    where
        -- narrow: g.oid
        g.acl is not null
        and coalesce(n.nspname, '') !~ '^(pg_|information_schema$)'
        and not exists (
            select from pg_catalog.pg_depend as m
            where
                m.classid = g.catalog
                and m.objid = g.oid
                and m.deptype = 'e'
                and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                -- A language of initdb is an extension's, and its privileges are the project's.
                and (g.object_kind <> 'language' or g.oid >= 16384)
        )
        and not exists (
            -- Constructors of a range type follow the type.
            select from pg_catalog.pg_depend as m
            where m.classid = g.catalog and m.objid = g.oid and m.deptype = 'i'
                and m.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
        )
),

list as materialized (
    select h.owner, h.acl, pg_catalog.row_number() over () as number
    from (select distinct s.owner, s.acl from held as s) as h
),

entry (number, grantee, privilege, grantable, grantor, is_owner) as (
    select
        h.number,
        case when x.grantee = 0 then 'PUBLIC' else coalesce(r.rolname::text, '(dropped role)') end,
        x.privilege_type,
        -- An owner can always grant: whether the entry says so is form.
        pg_catalog.bool_or(x.is_grantable and x.grantee <> h.owner),
        pg_catalog.string_agg(distinct b.rolname, ', ' order by b.rolname),
        pg_catalog.bool_or(x.grantee = h.owner)
    from list as h
    cross join lateral pg_catalog.aclexplode(h.acl) as x
    left join pg_catalog.pg_roles as r on x.grantee = r.oid
    left join pg_catalog.pg_roles as b on x.grantor = b.oid
    group by 1, 2, 3
),

-- Thousands of objects share a few lists: each is taken apart once, and sent by grantee.
packed as (
    select
        e.number, e.grantee, pg_catalog.bool_or(e.is_owner) as is_owner,
        pg_catalog.json_agg(e.privilege order by e.privilege collate "C")::text as privilege,
        pg_catalog.json_agg(e.grantable order by e.privilege collate "C")::text as grantable,
        pg_catalog.json_agg(e.grantor order by e.privilege collate "C")::text as grantor
    from entry as e
    group by e.number, e.grantee
)

select
    g.object_kind, g.schema, g.name, g.sub as "column", p.grantee,
    p.privilege, p.grantable, p.grantor, p.is_owner
from held as g
inner join list as h on g.acl = h.acl and g.owner is not distinct from h.owner
inner join packed as p on h.number = p.number
-- What the cluster's maker holds on its languages and parameters bears another name elsewhere.
where
    not p.is_owner
    or g.object_kind <> 'parameter' and (g.object_kind <> 'language' or g.oid >= 16384)
order by object_kind, schema, name, "column", grantee, privilege;

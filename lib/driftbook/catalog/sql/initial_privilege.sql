-- initial_privilege: one row per privilege that a member or a system object got or lost.
--
-- Key: object_kind, schema, name, column, grantee, privilege
-- Columns: object_kind text, schema text, name text, column text, grantee text,
--     privilege text, granted bool, grantable bool, extension text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
with held (catalog, oid, place, object_kind, namespace, name, sub, owner, acl, type) as (
    -- part: granted
),

brought as (
    select
        h.*,
        e.extname::text as extension,
        coalesce(i.initprivs, case when h.type <> '' then pg_catalog.acldefault(
            (case h.type when 'S' then 's' else h.type end)::"char", h.owner
        ) || case
            -- The server keeps no list of what it grants there: to everybody, of most views.
            when
                h.oid < 16384
                and h.namespace = 'information_schema'::pg_catalog.regnamespace
                and h.name !~ '^(_pg_.*|sql_parts|transforms)$'
                and h.type in ('r', 'n')
                then array[pg_catalog.makeaclitem(
                    0, h.owner, case h.type when 'r' then 'SELECT' else 'USAGE' end, false
                )]
            else array[]::pg_catalog.aclitem[]
        end end) as initial
    from held as h
    left join pg_catalog.pg_init_privs as i
        on h.catalog = i.classoid and h.oid = i.objoid and h.place = i.objsubid
    left join pg_catalog.pg_depend as m
        on
            h.catalog = m.classid and h.oid = m.objid and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    left join pg_catalog.pg_extension as e on m.refobjid = e.oid
    where
        h.acl is distinct from i.initprivs
        and (
            e.oid is not null
            or h.oid < 16384 and h.namespace in (
                'pg_catalog'::pg_catalog.regnamespace,
                'information_schema'::pg_catalog.regnamespace
            )
        )
)

select
    b.object_kind,
    case when b.object_kind = 'schema' then '' else coalesce(n.nspname::text, '') end as schema,
    b.name,
    b.sub as "column",
    case when x.grantee = 0 then 'PUBLIC' else coalesce(r.rolname::text, '(dropped role)') end
    as grantee,
    x.privilege,
    pg_catalog.bool_or(x.given) as granted,
    pg_catalog.bool_or(x.grantable) as grantable,
    b.extension
from brought as b
cross join lateral (
    select
        coalesce(a.grantee, i.grantee) as grantee,
        coalesce(a.privilege_type, i.privilege_type) as privilege,
        a.grantee is not null as given,
        coalesce(a.is_grantable, false) as grantable
    from pg_catalog.aclexplode(b.acl) as a
    full join pg_catalog.aclexplode(b.initial) as i
        on a.grantee = i.grantee and a.privilege_type = i.privilege_type
    where a.grantee is null or i.grantee is null or a.is_grantable <> i.is_grantable
) as x
left join pg_catalog.pg_namespace as n on b.namespace = n.oid
left join pg_catalog.pg_roles as r on x.grantee = r.oid
where
    x.grantee <> b.owner
    -- What default privileges give came with it.
    and not exists (
        select from pg_catalog.pg_default_acl as d
        cross join lateral pg_catalog.aclexplode(d.defaclacl) as y
        where
            d.defaclrole = b.owner and d.defaclobjtype = b.type
            and d.defaclnamespace in (0, b.namespace) and x.given
            and y.grantee = x.grantee and y.privilege_type = x.privilege
    )
group by 1, 2, 3, 4, 5, 6, 9
order by object_kind, schema, name, "column", grantee, privilege;

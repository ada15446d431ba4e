-- privilege: one row per privilege that somebody holds on an object or a column of it.
--
-- Key: object_kind, schema, name, column, grantee, privilege
-- Columns: object_kind text, schema text, name text, column text, grantee text,
--     privilege text, grantable bool, grantor text, is_owner bool
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
with granted (catalog, oid, object_kind, namespace, name, sub, owner, acl) as (
    select
        'pg_namespace', n.oid, 'schema', n.oid, n.nspname::text, '', n.nspowner,
        coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))
    from pg_catalog.pg_namespace as n
    union all
    select
        'pg_class', c.oid,
        case c.relkind
            when 'v' then 'view' when 'm' then 'materialized_view' when 'S' then 'sequence'
            else 'table'
        end,
        c.relnamespace, c.relname::text, '', c.relowner,
        coalesce(
            c.relacl,
            case c.relkind
                when 'S' then pg_catalog.acldefault('s', c.relowner)
                else pg_catalog.acldefault('r', c.relowner)
            end
        )
    from pg_catalog.pg_class as c
    where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S')
    union all
    select
        'pg_class', c.oid,
        case c.relkind when 'v' then 'view' when 'm' then 'materialized_view' else 'table' end,
        c.relnamespace, c.relname::text, a.attname::text, c.relowner, a.attacl
    from pg_catalog.pg_attribute as a
    inner join pg_catalog.pg_class as c on a.attrelid = c.oid
    where a.attacl is not null and not a.attisdropped and a.attnum > 0
    union all
    select
        'pg_proc', p.oid, 'function', p.pronamespace,
        p.proname || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')', '', p.proowner,
        coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))
    from pg_catalog.pg_proc as p
    where p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
    union all
    select
        'pg_type', t.oid,
        case t.typtype
            when 'e' then 'enum' when 'd' then 'domain' when 'c' then 'composite_type'
            when 'r' then 'range_type' else 'base_type'
        end,
        t.typnamespace, t.typname::text, '', t.typowner,
        coalesce(t.typacl, pg_catalog.acldefault('T', t.typowner))
    from pg_catalog.pg_type as t
    left join pg_catalog.pg_class as c on t.typrelid = c.oid
    where
        t.typtype <> 'm'
        and t.typnamespace <> 'pg_catalog'::pg_catalog.regnamespace
        and coalesce(c.relkind, 'c') = 'c'
        and not exists (select from pg_catalog.pg_type as e where e.typarray = t.oid)
    union all
    select
        'pg_foreign_server', s.oid, 'foreign_server', null, s.srvname::text, '', s.srvowner,
        coalesce(s.srvacl, pg_catalog.acldefault('S', s.srvowner))
    from pg_catalog.pg_foreign_server as s
    union all
    select
        'pg_foreign_data_wrapper', f.oid, 'foreign_data_wrapper', null, f.fdwname::text, '',
        f.fdwowner, coalesce(f.fdwacl, pg_catalog.acldefault('F', f.fdwowner))
    from pg_catalog.pg_foreign_data_wrapper as f
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
    coalesce(n.nspname, '') !~ '^pg_'
    and coalesce(n.nspname, '') <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = ('pg_catalog.' || g.catalog)::pg_catalog.regclass
            and m.objid = g.oid
            and (m.deptype = 'e' or m.deptype = 'i' and g.catalog = 'pg_proc')
    )
group by 1, 2, 3, 4, 5, 6
order by object_kind, schema, name, "column", grantee, privilege;

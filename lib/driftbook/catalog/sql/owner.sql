-- owner: one row per object that has an owner of its own.
--
-- Key: object_kind, schema, name
-- Columns: object_kind text, schema text, name text, role text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
with owned (catalog, oid, object_kind, namespace, name, owner) as (
    select 'pg_namespace', n.oid, 'schema', n.oid, n.nspname::text, n.nspowner
    from pg_catalog.pg_namespace as n
    union all
    select
        'pg_class', c.oid,
        case c.relkind
            when 'v' then 'view' when 'm' then 'materialized_view' when 'S' then 'sequence'
            else 'table'
        end,
        c.relnamespace, c.relname::text, c.relowner
    from pg_catalog.pg_class as c
    where
        c.relkind in ('r', 'p', 'f', 'v', 'm', 'S')
        -- The sequence of a column follows its table.
        and not exists (
            select from pg_catalog.pg_depend as d
            where
                d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                and d.objid = c.oid
                and c.relkind = 'S'
                and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                and d.deptype in ('a', 'i')
        )
    union all
    select
        'pg_proc', p.oid, 'function', p.pronamespace,
        p.proname || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')', p.proowner
    from pg_catalog.pg_proc as p
    union all
    select
        'pg_type', t.oid,
        case t.typtype
            when 'e' then 'enum' when 'd' then 'domain' when 'c' then 'composite_type'
            when 'r' then 'range_type' else 'base_type'
        end,
        t.typnamespace, t.typname::text, t.typowner
    from pg_catalog.pg_type as t
    left join pg_catalog.pg_class as c on t.typrelid = c.oid
    where
        t.typtype <> 'm'
        and coalesce(c.relkind, 'c') = 'c'
        and not exists (select from pg_catalog.pg_type as e where e.typarray = t.oid)
    union all
    select 'pg_statistic_ext', s.oid, 'statistics', s.stxnamespace, s.stxname::text, s.stxowner
    from pg_catalog.pg_statistic_ext as s
    union all
    select 'pg_collation', l.oid, 'collation', l.collnamespace, l.collname::text, l.collowner
    from pg_catalog.pg_collation as l
    union all
    select 'pg_operator', o.oid, 'operator', o.oprnamespace,
        pg_catalog.format(
            '%s(%s, %s)', o.oprname,
            coalesce(pg_catalog.format_type(nullif(o.oprleft, 0), null), 'none'),
            coalesce(pg_catalog.format_type(nullif(o.oprright, 0), null), 'none')
        ),
        o.oprowner
    from pg_catalog.pg_operator as o
    union all
    select 'pg_event_trigger', e.oid, 'event_trigger', null, e.evtname::text, e.evtowner
    from pg_catalog.pg_event_trigger as e
    union all
    select 'pg_publication', p.oid, 'publication', null, p.pubname::text, p.pubowner
    from pg_catalog.pg_publication as p
    union all
    select 'pg_foreign_server', s.oid, 'foreign_server', null, s.srvname::text, s.srvowner
    from pg_catalog.pg_foreign_server as s
    union all
    select
        'pg_foreign_data_wrapper', f.oid, 'foreign_data_wrapper', null, f.fdwname::text, f.fdwowner
    from pg_catalog.pg_foreign_data_wrapper as f
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
    coalesce(n.nspname, '') !~ '^pg_'
    and coalesce(n.nspname, '') <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = ('pg_catalog.' || o.catalog)::pg_catalog.regclass
            and m.objid = o.oid
            and (m.deptype = 'e' or m.deptype = 'i' and o.catalog = 'pg_proc')
    )
order by object_kind, schema, name;

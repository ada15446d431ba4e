-- comment: one row per comment; sub names the column, constraint, trigger, policy or rule.
--
-- Key: object_kind, schema, name, sub
-- Columns: object_kind text, schema text, name text, sub text, text text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
with named (catalog, oid, object_kind, namespace, name, sub, owner_catalog, owner_oid) as (
    -- owner_…: not the object itself tells whether it is an extension's.
    select 'pg_namespace', n.oid, 'schema', n.oid, n.nspname::text, '', null, null::oid
    from pg_catalog.pg_namespace as n
    union all
    select
        'pg_constraint', k.oid, 'constraint', k.connamespace,
        coalesce(c.relname, t.typname)::text, k.conname::text,
        case when k.contypid = 0 then 'pg_class' else 'pg_type' end,
        case when k.contypid = 0 then k.conrelid else k.contypid end
    from pg_catalog.pg_constraint as k
    left join pg_catalog.pg_class as c on k.conrelid = c.oid
    left join pg_catalog.pg_type as t on k.contypid = t.oid
    union all
    select o.catalog, o.oid, o.kind, c.relnamespace, c.relname::text, o.sub, 'pg_class', c.oid
    from (
        select 'pg_trigger', t.oid, t.tgrelid, 'trigger', t.tgname::text
        from pg_catalog.pg_trigger as t
        union all
        select 'pg_policy', p.oid, p.polrelid, 'policy', p.polname::text
        from pg_catalog.pg_policy as p
        union all
        select 'pg_rewrite', r.oid, r.ev_class, 'rule', r.rulename::text
        from pg_catalog.pg_rewrite as r
    ) as o (catalog, oid, relation, kind, sub)
    inner join pg_catalog.pg_class as c on o.relation = c.oid
    union all
    select
        'pg_type', t.oid,
        case t.typtype
            when 'e' then 'enum' when 'd' then 'domain' when 'c' then 'composite_type'
            when 'r' then 'range_type' else 'base_type'
        end, t.typnamespace, t.typname::text, '', null, null
    from pg_catalog.pg_type as t
    union all
    select o.catalog, o.oid, o.kind, o.namespace, o.name, '', null, null
    from (
        select 'pg_statistic_ext', s.oid, 'statistics', s.stxnamespace, s.stxname::text
        from pg_catalog.pg_statistic_ext as s
        union all
        select
            'pg_proc', p.oid, 'function', p.pronamespace,
            p.proname || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')'
        from pg_catalog.pg_proc as p where p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
        union all
        select 'pg_collation', l.oid, 'collation', l.collnamespace, l.collname::text
        from pg_catalog.pg_collation as l
        union all
        select
            'pg_operator', x.oid, 'operator', x.oprnamespace,
            x.oprname || '(' || coalesce(pg_catalog.format_type(nullif(x.oprleft, 0), null), 'none')
            || ', ' || coalesce(pg_catalog.format_type(nullif(x.oprright, 0), null), 'none') || ')'
        from pg_catalog.pg_operator as x
        where x.oprnamespace <> 'pg_catalog'::pg_catalog.regnamespace
        union all
        select 'pg_event_trigger', e.oid, 'event_trigger', null, e.evtname::text
        from pg_catalog.pg_event_trigger as e
        union all
        select 'pg_publication', p.oid, 'publication', null, p.pubname::text
        from pg_catalog.pg_publication as p
        union all
        select 'pg_foreign_server', s.oid, 'foreign_server', null, s.srvname::text
        from pg_catalog.pg_foreign_server as s
        union all
        select 'pg_foreign_data_wrapper', f.oid, 'foreign_data_wrapper', null, f.fdwname::text
        from pg_catalog.pg_foreign_data_wrapper as f
    ) as o (catalog, oid, kind, namespace, name)
    union all
    select 'pg_class', c.oid,
        case c.relkind
            when 'v' then 'view' when 'm' then 'materialized_view' when 'S' then 'sequence'
            when 'i' then 'index' when 'I' then 'index' when 'c' then 'composite_type' else 'table'
        end, c.relnamespace, c.relname::text, null, null, null
    from pg_catalog.pg_class as c
)

select
    case when d.objsubid > 0 then 'column' else o.object_kind end as object_kind,
    case when o.object_kind = 'schema' then '' else coalesce(n.nspname::text, '') end as schema,
    o.name, coalesce(o.sub, a.attname::text, '') as sub, d.description as text
from named as o
inner join pg_catalog.pg_description as d
    on d.classoid = ('pg_catalog.' || o.catalog)::pg_catalog.regclass and o.oid = d.objoid
left join pg_catalog.pg_attribute as a
    on o.catalog = 'pg_class' and d.objoid = a.attrelid and d.objsubid = a.attnum and d.objsubid > 0
left join pg_catalog.pg_namespace as n on o.namespace = n.oid
where
    coalesce(n.nspname, '') !~ '^(pg_|information_schema$)'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = ('pg_catalog.' || coalesce(o.owner_catalog, o.catalog))::pg_catalog.regclass
            and m.objid = coalesce(o.owner_oid, o.oid) and m.deptype = 'e'
    )
order by object_kind, schema, name, sub;

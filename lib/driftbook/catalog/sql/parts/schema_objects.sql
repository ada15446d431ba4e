-- The objects that lie in schemas, as frames name them; owner is null where none can be set.
select
    c.tableoid, c.oid,
    case c.relkind
        when 'v' then 'view' when 'm' then 'materialized_view' when 'S' then 'sequence'
        when 'i' then 'index' when 'I' then 'index' when 'c' then 'composite_type' else 'table'
    end,
    c.relnamespace, c.relname::text, o.owner,
    coalesce(
        c.relacl,
        pg_catalog.acldefault((case c.relkind when 'S' then 's' else 'r' end)::"char", o.owner)
    )
from pg_catalog.pg_class as c
cross join lateral (
    select case when c.relkind in ('r', 'p', 'f', 'v', 'm', 'S') then c.relowner end
) as o (owner)
where c.relkind <> 't' and c.oid >= 16384
union all
select
    p.tableoid, p.oid, 'function', p.pronamespace,
    p.proname || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')', p.proowner,
    coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))
from pg_catalog.pg_proc as p
where p.oid >= 16384
union all
select
    t.tableoid, t.oid,
    case t.typtype
        when 'e' then 'enum' when 'd' then 'domain' when 'c' then 'composite_type'
        when 'r' then 'range_type' when 'm' then 'range_type' else 'base_type'
    end,
    t.typnamespace, t.typname::text, o.owner,
    case when o.owner is not null then coalesce(t.typacl, pg_catalog.acldefault('T', o.owner)) end
from pg_catalog.pg_type as t
left join pg_catalog.pg_class as c on t.typrelid = c.oid
left join pg_catalog.pg_type as e on t.oid = e.typarray
-- Arrays, multiranges and the types of tables follow what they belong to.
cross join lateral (
    select case
        when t.typtype <> 'm' and e.oid is null and coalesce(c.relkind, 'c') = 'c' then t.typowner
    end
) as o (owner)
where t.oid >= 16384
union all
select f.catalog, f.oid, f.object_kind, f.namespace, f.name, f.owner, null::pg_catalog.aclitem[]
from (
    select s.tableoid, s.oid, 'statistics', s.stxnamespace, s.stxname::text, s.stxowner
    from pg_catalog.pg_statistic_ext as s
    union all
    select l.tableoid, l.oid, 'collation', l.collnamespace, l.collname::text, l.collowner
    from pg_catalog.pg_collation as l
    where l.oid >= 16384
    union all
    select
        o.tableoid, o.oid, 'operator', o.oprnamespace,
        o.oprname || '(' || coalesce(pg_catalog.format_type(nullif(o.oprleft, 0), null), 'none')
        || ', ' || coalesce(pg_catalog.format_type(nullif(o.oprright, 0), null), 'none') || ')',
        o.oprowner
    from pg_catalog.pg_operator as o
    where o.oid >= 16384 and o.oprcode <> 0
    union all
    select
        o.tableoid, o.oid, 'operator_class', o.opcnamespace,
        o.opcname || '(' || a.amname || ')', o.opcowner
    from pg_catalog.pg_opclass as o
    inner join pg_catalog.pg_am as a on o.opcmethod = a.oid
    where o.oid >= 16384
    union all
    select
        o.tableoid, o.oid, 'operator_family', o.opfnamespace,
        o.opfname || '(' || a.amname || ')', o.opfowner
    from pg_catalog.pg_opfamily as o
    inner join pg_catalog.pg_am as a on o.opfmethod = a.oid
    where o.oid >= 16384
    union all
    select c.tableoid, c.oid, 'conversion', c.connamespace, c.conname::text, c.conowner
    from pg_catalog.pg_conversion as c
    where c.oid >= 16384
    union all
    select t.tableoid, t.oid, 'text_search_configuration', t.cfgnamespace, t.cfgname::text,
        t.cfgowner
    from pg_catalog.pg_ts_config as t
    where t.oid >= 16384
    union all
    select t.tableoid, t.oid, 'text_search_dictionary', t.dictnamespace, t.dictname::text,
        t.dictowner
    from pg_catalog.pg_ts_dict as t
    where t.oid >= 16384
    union all
    select t.tableoid, t.oid, 'text_search_parser', t.prsnamespace, t.prsname::text, null
    from pg_catalog.pg_ts_parser as t
    where t.oid >= 16384
    union all
    select t.tableoid, t.oid, 'text_search_template', t.tmplnamespace, t.tmplname::text, null
    from pg_catalog.pg_ts_template as t
    where t.oid >= 16384
) as f (catalog, oid, object_kind, namespace, name, owner)

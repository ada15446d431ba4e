-- unaccounted: one row per object of a user that no frame holds.
--
-- Key: catalog, schema, name
-- Columns: catalog text, schema text, name text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
with found (catalog, oid, namespace, name) as (
    select 'pg_opclass', o.oid, o.opcnamespace, o.opcname::text
    from pg_catalog.pg_opclass as o
    union all
    select 'pg_opfamily', o.oid, o.opfnamespace, o.opfname::text
    from pg_catalog.pg_opfamily as o
    union all
    select 'pg_conversion', c.oid, c.connamespace, c.conname::text
    from pg_catalog.pg_conversion as c
    union all
    select 'pg_ts_config', t.oid, t.cfgnamespace, t.cfgname::text
    from pg_catalog.pg_ts_config as t
    union all
    select 'pg_ts_dict', t.oid, t.dictnamespace, t.dictname::text
    from pg_catalog.pg_ts_dict as t
    union all
    select 'pg_ts_parser', t.oid, t.prsnamespace, t.prsname::text
    from pg_catalog.pg_ts_parser as t
    union all
    select 'pg_ts_template', t.oid, t.tmplnamespace, t.tmplname::text
    from pg_catalog.pg_ts_template as t
    union all
    select 'pg_am', a.oid, null, a.amname::text
    from pg_catalog.pg_am as a
    where a.oid >= 16384
    union all
    select 'pg_language', l.oid, null, l.lanname::text
    from pg_catalog.pg_language as l
    where l.oid >= 16384
    union all
    select 'pg_transform', t.oid, null, pg_catalog.format_type(t.trftype, null)
    from pg_catalog.pg_transform as t
    union all
    select 'pg_subscription', s.oid, null, s.subname::text
    from pg_catalog.pg_subscription as s
    inner join pg_catalog.pg_database as d on s.subdbid = d.oid
    where d.datname = pg_catalog.current_database()
    union all
    select 'pg_user_mapping', u.umid, null, u.srvname || ' for ' || u.usename
    from pg_catalog.pg_user_mappings as u
    union all
    select 'pg_seclabel', s.objoid, s.objnamespace, s.provider || ' on ' || s.objname
    from pg_catalog.pg_seclabels as s
    where s.objtype not in ('role', 'database', 'tablespace')
    union all
    -- Relations of a kind that a newer server may bring.
    select 'pg_class', c.oid, c.relnamespace, c.relname::text
    from pg_catalog.pg_class as c
    where c.relkind not in ('r', 'p', 'f', 'v', 'm', 'S', 'i', 'I', 'c', 't')
    union all
    select 'pg_constraint', k.oid, k.connamespace, k.conname::text
    from pg_catalog.pg_constraint as k
    where k.contype not in ('c', 'f', 'p', 'u', 'x', 'n', 't')
    union all
    select 'pg_type', t.oid, t.typnamespace, t.typname::text
    from pg_catalog.pg_type as t
    where t.typtype not in ('b', 'c', 'd', 'e', 'm', 'p', 'r')
)

select
    f.catalog,
    coalesce(n.nspname::text, '') as schema,
    f.name
from found as f
left join pg_catalog.pg_namespace as n on f.namespace = n.oid
where
    coalesce(n.nspname, '') !~ '^pg_'
    and coalesce(n.nspname, '') <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = ('pg_catalog.' || f.catalog)::pg_catalog.regclass
            and m.objid = f.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by catalog, schema, name;

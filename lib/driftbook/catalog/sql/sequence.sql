-- sequence: one row per sequence that is not behind an identity column.
--
-- Key: schema, name
-- Columns: schema text, name text, type text, start int8, increment int8, min int8, max int8,
--     cache int8, cycle bool, owned_by text, persistence text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    c.relname::text as name,
    pg_catalog.format_type(s.seqtypid, null) as type,
    s.seqstart as start,
    s.seqincrement as increment,
    s.seqmin as min,
    s.seqmax as max,
    s.seqcache as cache,
    s.seqcycle as cycle,
    (
        select pg_catalog.format('%I.%I.%I', rn.nspname, r.relname, a.attname)
        from pg_catalog.pg_depend as d
        inner join pg_catalog.pg_class as r on d.refobjid = r.oid
        inner join pg_catalog.pg_namespace as rn on r.relnamespace = rn.oid
        inner join pg_catalog.pg_attribute as a
            on d.refobjid = a.attrelid and d.refobjsubid = a.attnum
        where
            d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and d.objid = c.oid
            and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and d.deptype = 'a'
    ) as owned_by,
    case c.relpersistence when 'u' then 'unlogged' else 'permanent' end as persistence
from pg_catalog.pg_sequence as s
inner join pg_catalog.pg_class as c on s.seqrelid = c.oid
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and m.objid = c.oid
            and m.deptype in ('e', 'i')
    )
order by schema, name;

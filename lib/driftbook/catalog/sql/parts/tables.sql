-- The tables whose columns are read, and which of their columns were dropped.
select
    c.oid, n.nspname, c.relname, c.relowner, c.relpersistence,
    -- A restored child or partition has its parent's columns first: no difference.
    c.oid not in (select h.inhrelid from pg_catalog.pg_inherits as h) as ordered,
    g.places as dropped
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
left join (
    select a.attrelid, pg_catalog.array_agg(a.attnum) as places
    from pg_catalog.pg_attribute as a
    where a.attisdropped
    group by a.attrelid
) as g on c.oid = g.attrelid
where
    -- narrow: c.oid
    c.relkind in ('r', 'p', 'f')
    and n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and m.objid = c.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )

-- dropped_column: one row per column that is gone; the row left behind was written by the DROP.
--
-- Columns: schema text, table text, position int8, xid int8
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    c.relname::text as "table",
    a.attnum::bigint as position,
    a.xmin::text::bigint as xid
from pg_catalog.pg_attribute as a
inner join pg_catalog.pg_class as c on a.attrelid = c.oid
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where
    a.attisdropped
    and a.attnum > 0
    and c.relkind in ('r', 'p', 'f')
    and c.oid >= 16384
    and n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
order by schema, "table", position;

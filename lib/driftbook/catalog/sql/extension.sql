-- extension: one row per installed extension; its members are in no frame.
--
-- Key: name
-- Columns: name text, schema text, version text, relocatable bool
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    e.extname::text as name,
    n.nspname::text as schema,
    e.extversion as version,
    e.extrelocatable as relocatable
from pg_catalog.pg_extension as e
inner join pg_catalog.pg_namespace as n on e.extnamespace = n.oid
order by name;

-- Whatever has a name in a schema and came after initdb, without what belongs to it.
select c.tableoid, c.oid, c.relnamespace, c.relname::text
from pg_catalog.pg_class as c
where c.oid >= 16384 and c.relkind not in ('i', 'I', 't')
union all
select p.tableoid, p.oid, p.pronamespace, p.proname::text
from pg_catalog.pg_proc as p
where p.oid >= 16384
union all
select o.tableoid, o.oid, o.oprnamespace, o.oprname::text
from pg_catalog.pg_operator as o
where o.oid >= 16384
union all
select o.tableoid, o.oid, o.opcnamespace, o.opcname::text
from pg_catalog.pg_opclass as o
where o.oid >= 16384
union all
select o.tableoid, o.oid, o.opfnamespace, o.opfname::text
from pg_catalog.pg_opfamily as o
where o.oid >= 16384
union all
select c.tableoid, c.oid, c.connamespace, c.conname::text
from pg_catalog.pg_conversion as c
where c.oid >= 16384
union all
select c.tableoid, c.oid, c.collnamespace, c.collname::text
from pg_catalog.pg_collation as c
where c.oid >= 16384
union all
select s.tableoid, s.oid, s.stxnamespace, s.stxname::text
from pg_catalog.pg_statistic_ext as s
where s.oid >= 16384
union all
select t.tableoid, t.oid, t.cfgnamespace, t.cfgname::text
from pg_catalog.pg_ts_config as t
where t.oid >= 16384
union all
select t.tableoid, t.oid, t.dictnamespace, t.dictname::text
from pg_catalog.pg_ts_dict as t
where t.oid >= 16384
union all
select t.tableoid, t.oid, t.prsnamespace, t.prsname::text
from pg_catalog.pg_ts_parser as t
where t.oid >= 16384
union all
select t.tableoid, t.oid, t.tmplnamespace, t.tmplname::text
from pg_catalog.pg_ts_template as t
where t.oid >= 16384
union all
select t.tableoid, t.oid, t.typnamespace, t.typname::text
from pg_catalog.pg_type as t
-- Not arrays, nor the types of relations.
where t.oid >= 16384 and t.typcategory <> 'A' and t.typtype not in ('c', 'm')

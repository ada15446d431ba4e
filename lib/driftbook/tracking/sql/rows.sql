-- rows: what the tracking table holds, whichever tool keeps it; its name is filled in.
--
-- Columns: record jsonb, xid int8, is_witnessed bool
-- Columns of the table are discovered, not assumed: a record is all of them.
-- Witnessed: the transaction that wrote the row also wrote an object that is still there.
with witness (xid) as (
    select c.xmin from pg_catalog.pg_class as c where c.oid >= 16384
    union
    select a.xmin from pg_catalog.pg_attribute as a where a.attrelid >= 16384
    union
    select k.xmin from pg_catalog.pg_constraint as k where k.oid >= 16384
    union
    select p.xmin from pg_catalog.pg_proc as p where p.oid >= 16384
    union
    select y.xmin from pg_catalog.pg_type as y where y.oid >= 16384
    union
    select l.xmin from pg_catalog.pg_policy as l
    union
    select g.xmin from pg_catalog.pg_trigger as g
    union
    select d.xmin from pg_catalog.pg_attrdef as d
)

select
    pg_catalog.to_jsonb(t) as record,
    t.xmin::text::int8 as xid,
    exists (select from witness as w where w.xid = t.xmin) as is_witnessed
from {} as t
order by pg_catalog.to_jsonb(t) ->> 'version' collate "C", record;

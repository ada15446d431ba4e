-- event_trigger: one row per event trigger.
--
-- Key: name
-- Columns: name text, event text, tags text, function text, enabled text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    e.evtname::text as name,
    e.evtevent::text as event,
    (
        select pg_catalog.string_agg(o.tag, ', ' order by o.tag collate "C")
        from pg_catalog.unnest(e.evttags) as o (tag)
    ) as tags,
    e.evtfoid::pg_catalog.regprocedure::text as function,
    case e.evtenabled
        when 'O' then 'origin' when 'D' then 'disabled' when 'R' then 'replica' else 'always'
    end as enabled
from pg_catalog.pg_event_trigger as e
where
    not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass
            and m.objid = e.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by name;

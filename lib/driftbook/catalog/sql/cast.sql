-- cast: one row per cast that a user made.
--
-- Key: source, target
-- Columns: source text, target text, function text, context text, method text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    pg_catalog.format_type(c.castsource, null) as source,
    pg_catalog.format_type(c.casttarget, null) as target,
    case when c.castfunc <> 0 then c.castfunc::pg_catalog.regprocedure::text end as function,
    case c.castcontext when 'a' then 'assignment' when 'i' then 'implicit' else 'explicit' end
    as context,
    case c.castmethod when 'f' then 'function' when 'i' then 'inout' else 'binary' end as method
from pg_catalog.pg_cast as c
where
    -- Below are those of initdb; a range type's own casts follow it.
    c.oid >= 16384
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass
            and m.objid = c.oid
            and m.deptype in ('e', 'i')
    )
order by source, target;

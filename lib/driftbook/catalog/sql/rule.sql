-- rule: one row per rewrite rule that is not the query of a view.
--
-- Key: schema, table, name
-- Columns: schema text, table text, name text, definition text, enabled text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    c.relname::text as "table",
    r.rulename::text as name,
    pg_catalog.pg_get_ruledef(r.oid) as definition,
    case r.ev_enabled
        when 'O' then 'origin' when 'D' then 'disabled' when 'R' then 'replica' else 'always'
    end as enabled
from pg_catalog.pg_rewrite as r
inner join pg_catalog.pg_class as c on r.ev_class = c.oid
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where
    -- The query of a view is the view's definition.
    not (r.ev_type = '1' and c.relkind in ('v', 'm'))
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
order by schema, "table", name;

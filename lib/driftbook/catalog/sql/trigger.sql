-- trigger: one row per trigger that a user made; clones on partitions follow their parent.
--
-- Key: schema, table, name
-- Columns: schema text, table text, name text, definition text, enabled text, function text,
--     inherited bool
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    c.relname::text as "table",
    t.tgname::text as name,
    pg_catalog.pg_get_triggerdef(t.oid) as definition,
    case t.tgenabled
        when 'O' then 'origin' when 'D' then 'disabled' when 'R' then 'replica' else 'always'
    end as enabled,
    t.tgfoid::pg_catalog.regprocedure::text as function,
    t.tgparentid <> 0 as inherited
from pg_catalog.pg_trigger as t
inner join pg_catalog.pg_class as c on t.tgrelid = c.oid
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
left join pg_catalog.pg_trigger as p on t.tgparentid = p.oid
where
    -- A clone counts only where somebody switched it apart from its parent.
    case when t.tgparentid <> 0 then t.tgenabled <> p.tgenabled else not t.tgisinternal end
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

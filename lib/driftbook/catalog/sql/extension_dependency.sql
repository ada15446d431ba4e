-- extension_dependency: one row per object that somebody made depend on an extension.
--
-- Key: object_kind, schema, name, sub, extension
-- Columns: object_kind text, schema text, name text, sub text, extension text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    case
        when p.oid is not null then 'function' when t.oid is not null then 'trigger'
        when c.relkind = 'm' then 'materialized_view' else 'index'
    end as object_kind,
    n.nspname::text as schema,
    coalesce(
        p.proname || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')', c.relname::text
    ) as name,
    coalesce(t.tgname::text, '') as sub,
    e.extname::text as extension
from pg_catalog.pg_extension as e
inner join pg_catalog.pg_depend as d
    on
        d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
        and e.oid = d.refobjid and d.deptype = 'x'
left join pg_catalog.pg_proc as p on d.classid = p.tableoid and d.objid = p.oid
left join pg_catalog.pg_trigger as t on d.classid = t.tableoid and d.objid = t.oid
left join pg_catalog.pg_class as c
    on t.tgrelid = c.oid or (d.classid = c.tableoid and d.objid = c.oid)
inner join pg_catalog.pg_namespace as n
    on coalesce(p.pronamespace, c.relnamespace) = n.oid
where
    not exists (
        select from pg_catalog.pg_depend as m
        where m.classid = d.classid and m.objid = d.objid and m.deptype = 'e'
    )
order by object_kind, schema, name, sub, extension;

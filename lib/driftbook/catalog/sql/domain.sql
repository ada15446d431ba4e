-- domain: one row per domain; its checks are rows of the constraint frame.
--
-- Key: schema, name
-- Columns: schema text, name text, base_type text, default text, not_null bool,
--     not_null_name text, collation text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    t.typname::text as name,
    pg_catalog.format_type(t.typbasetype, t.typtypmod) as base_type,
    pg_catalog.pg_get_expr(t.typdefaultbin, 0) as "default",
    t.typnotnull as not_null,
    -- From 17 on it has one; a name that the server chose says what the domain was called then.
    (
        select k.conname::text
        from pg_catalog.pg_constraint as k
        where k.contypid = t.oid and k.contype = 'n' and k.conname !~ '_not_null[0-9]*$'
    ) as not_null_name,
    pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname) as collation
from pg_catalog.pg_type as t
inner join pg_catalog.pg_namespace as n on t.typnamespace = n.oid
inner join pg_catalog.pg_type as b on t.typbasetype = b.oid
left join pg_catalog.pg_collation as l
    on t.typcollation = l.oid and t.typcollation <> b.typcollation
left join pg_catalog.pg_namespace as ln on l.collnamespace = ln.oid
where
    t.typtype = 'd'
    and n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
            and m.objid = t.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

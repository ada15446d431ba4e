-- operator_class: one row per operator class, named with its access method.
--
-- Key: schema, name
-- Columns: schema text, name text, input text, default bool, family text, storage text,
--     operators text, functions text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    pg_catalog.format('%s(%s)', o.opcname, a.amname) as name,
    pg_catalog.format_type(o.opcintype, null) as input,
    o.opcdefault as "default",
    pg_catalog.format('%I.%I', fn.nspname, f.opfname) as family,
    pg_catalog.format_type(nullif(o.opckeytype, 0), null) as storage,
    -- Members that the family holds by itself are in its row.
    (
        -- part: operator_members
    ) as operators,
    (
        -- part: function_members
    ) as functions
from pg_catalog.pg_opclass as o
inner join pg_catalog.pg_namespace as n on o.opcnamespace = n.oid
inner join pg_catalog.pg_am as a on o.opcmethod = a.oid
inner join pg_catalog.pg_opfamily as f on o.opcfamily = f.oid
inner join pg_catalog.pg_namespace as fn on f.opfnamespace = fn.oid
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_opclass'::pg_catalog.regclass
            and m.objid = o.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

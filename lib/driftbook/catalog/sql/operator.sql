-- operator: one row per operator, named with its operand types.
--
-- Key: schema, name
-- Columns: schema text, name text, function text, result text, commutator text, negator text,
--     restrict text, join text, hashes bool, merges bool
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    pg_catalog.format(
        '%s(%s, %s)', o.oprname,
        coalesce(pg_catalog.format_type(nullif(o.oprleft, 0), null), 'none'),
        coalesce(pg_catalog.format_type(nullif(o.oprright, 0), null), 'none')
    ) as name,
    nullif(o.oprcode::text, '-') as function,
    pg_catalog.format_type(nullif(o.oprresult, 0), null) as result,
    case when o.oprcom <> 0 then o.oprcom::pg_catalog.regoperator::text end as commutator,
    case when o.oprnegate <> 0 then o.oprnegate::pg_catalog.regoperator::text end as negator,
    nullif(o.oprrest::text, '-') as "restrict",
    nullif(o.oprjoin::text, '-') as "join",
    o.oprcanhash as hashes,
    o.oprcanmerge as merges
from pg_catalog.pg_operator as o
inner join pg_catalog.pg_namespace as n on o.oprnamespace = n.oid
where
    -- One that is only named as the negator or commutator of another is none yet; no dump has it.
    o.oprcode <> 0
    and n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass
            and m.objid = o.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

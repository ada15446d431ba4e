-- operator_family: one row per operator family, named with its access method.
--
-- Key: schema, name
-- Columns: schema text, name text, operators text, functions text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    pg_catalog.format('%s(%s)', o.opfname, a.amname) as name,
    -- Members of a class are in its row.
    (
        select pg_catalog.string_agg(
            pg_catalog.concat_ws(
                ' ', x.amopstrategy, x.amopopr::pg_catalog.regoperator,
                'for order by ' || pg_catalog.quote_ident(sn.nspname)
                || '.' || pg_catalog.quote_ident(s.opfname)
            ),
            ', ' order by x.amopstrategy, x.amopopr::pg_catalog.regoperator::text collate "C"
        )
        from pg_catalog.pg_depend as d
        inner join pg_catalog.pg_amop as x on d.objid = x.oid
        left join pg_catalog.pg_opfamily as s on x.amopsortfamily = s.oid
        left join pg_catalog.pg_namespace as sn on s.opfnamespace = sn.oid
        where
            d.refclassid = 'pg_catalog.pg_opfamily'::pg_catalog.regclass
            and d.refobjid = o.oid
            and d.classid = 'pg_catalog.pg_amop'::pg_catalog.regclass
            and x.amopfamily = o.oid
    ) as operators,
    (
        select pg_catalog.string_agg(
            pg_catalog.format(
                '%s (%s, %s) %s', x.amprocnum,
                pg_catalog.format_type(x.amproclefttype, null),
                pg_catalog.format_type(x.amprocrighttype, null),
                x.amproc::pg_catalog.regprocedure
            ),
            ', ' order by x.amprocnum, x.amproc::pg_catalog.regprocedure::text collate "C"
        )
        from pg_catalog.pg_depend as d
        inner join pg_catalog.pg_amproc as x on d.objid = x.oid
        where
            d.refclassid = 'pg_catalog.pg_opfamily'::pg_catalog.regclass
            and d.refobjid = o.oid
            and d.classid = 'pg_catalog.pg_amproc'::pg_catalog.regclass
    ) as functions
from pg_catalog.pg_opfamily as o
inner join pg_catalog.pg_namespace as n on o.opfnamespace = n.oid
inner join pg_catalog.pg_am as a on o.opfmethod = a.oid
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_opfamily'::pg_catalog.regclass
            and m.objid = o.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

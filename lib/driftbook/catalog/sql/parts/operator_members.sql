-- The operators of the class or family o.
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
    d.refclassid = o.tableoid
    and d.refobjid = o.oid
    -- Not what another family is only sorted by.
    and d.deptype in ('a', 'i')
    and d.classid = 'pg_catalog.pg_amop'::pg_catalog.regclass

-- The functions of the class or family o.
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
    d.refclassid = o.tableoid
    and d.refobjid = o.oid
    and d.deptype in ('a', 'i')
    and d.classid = 'pg_catalog.pg_amproc'::pg_catalog.regclass

-- The sequence of the identity column a of the table c.
select
    qc.oid::pg_catalog.regclass::text as name,
    pg_catalog.format(
        'as %s start %s increment %s minvalue %s maxvalue %s cache %s%s%s',
        pg_catalog.format_type(q.seqtypid, null), q.seqstart, q.seqincrement,
        q.seqmin, q.seqmax, q.seqcache, case when q.seqcycle then ' cycle' end,
        -- Before 15 no sequence is unlogged.
        case
            when qc.relpersistence = c.relpersistence
                or pg_catalog.current_setting('server_version_num')::int4 < 150000 then ''
            when qc.relpersistence = 'u' then ' unlogged' else ' logged'
        end
    ) as options
from pg_catalog.pg_depend as y
inner join pg_catalog.pg_sequence as q on y.objid = q.seqrelid
inner join pg_catalog.pg_class as qc on q.seqrelid = qc.oid
where
    y.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    -- NULL is looked up nowhere: most columns are no identity.
    and y.refobjid = case when a.attidentity <> '' then a.attrelid end
    and y.refobjsubid = a.attnum
    and y.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and y.deptype = 'i'

-- column: one row per live column of a table; an identity's sequence is part of its column.
--
-- Key: schema, table, name
-- Columns: schema text, table text, name text, type text, collation text, not_null bool,
--     not_null_state text, not_null_name text, default text, identity text, identity_options text,
--     identity_sequence text, generated text, generation text, inherited bool, local bool,
--     storage text, compression text, statistics int8, options text, foreign_options text,
--     position int8
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    c.relname::text as "table",
    a.attname::text as name,
    pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
    pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname) as collation,
    a.attnotnull as not_null,
    -- From 18 on; a name that the server chose says what table and column were called then.
    nullif(pg_catalog.concat_ws(
        ', ', case when not k.convalidated then 'not valid' end,
        case when k.connoinherit then 'no inherit' end
    ), '') as not_null_state,
    -- No dump has that of an inherited one that is not valid.
    case when k.conname !~ '_not_null[0-9]*$' and k.convalidated >= (k.coninhcount > 0)
    then k.conname::text end as not_null_name,
    case when a.attgenerated = '' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end as "default",
    case a.attidentity when 'a' then 'always' when 'd' then 'by default' end as identity,
    s.options as identity_options,
    s.name as identity_sequence,
    case a.attgenerated when 's' then 'stored' when 'v' then 'virtual' end as generated,
    case when a.attgenerated <> '' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end
    as generation,
    a.attinhcount > 0 as inherited,
    a.attislocal as local,
    case when a.attstorage <> t.typstorage then
        case a.attstorage
            when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended'
        end
    end as storage,
    case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end as compression,
    -- "As the server's default" is -1 before 17 and NULL since.
    nullif(a.attstattarget::int8, -1) as statistics,
    case when a.attoptions is not null then (
        -- Some builds of the server keep entries of their own here that nobody can set.
        select pg_catalog.string_agg(o.option, ', ' order by o.option collate "C")
        from pg_catalog.unnest(a.attoptions) as o (option)
        where o.option ~ '^n_distinct(_inherited)?='
    ) end as options,
    case when a.attfdwoptions is not null then (
        select pg_catalog.string_agg(o.option, ', ' order by o.option collate "C")
        from pg_catalog.unnest(a.attfdwoptions) as o (option)
    ) end as foreign_options,
    -- A restored child or partition has its parent's columns first: no difference.
    case when not exists (select from pg_catalog.pg_inherits as h where inhrelid = c.oid) then
        pg_catalog.row_number() over (partition by a.attrelid order by a.attnum)
    end as position
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
inner join pg_catalog.pg_attribute as a on c.oid = a.attrelid
inner join pg_catalog.pg_type as t on a.atttypid = t.oid
left join pg_catalog.pg_attrdef as d on a.attrelid = d.adrelid and a.attnum = d.adnum
left join pg_catalog.pg_collation as l
    on a.attcollation = l.oid and a.attcollation <> t.typcollation
left join pg_catalog.pg_namespace as ln on l.collnamespace = ln.oid
left join pg_catalog.pg_constraint as k
    on a.attrelid = k.conrelid and k.contype = 'n' and k.conkey = array[a.attnum]
left join (
    select y.refobjid, y.refobjsubid,
        qc.oid::pg_catalog.regclass::text as name,
        pg_catalog.format(
            'as %s start %s increment %s minvalue %s maxvalue %s cache %s%s%s',
            pg_catalog.format_type(q.seqtypid, null), q.seqstart, q.seqincrement,
            q.seqmin, q.seqmax, q.seqcache, case when q.seqcycle then ' cycle' end,
            -- Before 15 no sequence is unlogged.
            case
                when qc.relpersistence = o.relpersistence
                    or pg_catalog.current_setting('server_version_num')::int4 < 150000 then ''
                when qc.relpersistence = 'u' then ' unlogged' else ' logged'
            end
        ) as options
    from pg_catalog.pg_depend as y
    inner join pg_catalog.pg_sequence as q on y.objid = q.seqrelid
    inner join pg_catalog.pg_class as qc on q.seqrelid = qc.oid
    inner join pg_catalog.pg_class as o on y.refobjid = o.oid
    where
        y.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and y.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and y.deptype = 'i'
) as s on a.attrelid = s.refobjid and a.attnum = s.refobjsubid
where
    c.relkind in ('r', 'p', 'f')
    and a.attnum > 0 and not a.attisdropped
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and m.objid = c.oid
            and m.deptype = 'e' and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, "table", name;

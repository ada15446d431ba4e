-- column: one row per live column of a table; an identity's sequence is part of its column.
--
-- Key: schema, table, name
-- Columns: schema text, table text, name text, type text, collation text, not_null bool,
--     not_null_state text, not_null_name text, default text, identity text, identity_options text,
--     identity_sequence text, generated text, generation text, inherited bool, local bool,
--     storage text, compression text, statistics int8, options text, foreign_options text,
--     position int8
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
with relation as materialized (
    -- part: tables
)

select
    c.nspname::text as schema,
    c.relname::text as "table",
    a.attname::text as name,
    pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
    case when a.attcollation <> t.typcollation then (
        select pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname)
        from pg_catalog.pg_collation as l
        inner join pg_catalog.pg_namespace as ln on l.collnamespace = ln.oid
        where l.oid = a.attcollation
    ) end as collation,
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
    case
        when c.ordered and c.dropped is null then a.attnum
        when c.ordered then a.attnum - (
            select pg_catalog.count(*) from pg_catalog.unnest(c.dropped) as g (place)
            where g.place < a.attnum
        )
    end as position
from relation as c
inner join pg_catalog.pg_attribute as a on c.oid = a.attrelid
inner join pg_catalog.pg_type as t on a.atttypid = t.oid
left join pg_catalog.pg_attrdef as d on a.attrelid = d.adrelid and a.attnum = d.adnum
left join pg_catalog.pg_constraint as k
    on a.attrelid = k.conrelid and k.contype = 'n' and k.conkey = array[a.attnum]
left join lateral (
    -- part: identity_sequence
) as s on true
where
    a.attnum > 0
    and not a.attisdropped
order by schema, "table", name;

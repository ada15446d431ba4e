-- materialized_view: one row per materialized view, with its columns in order.
--
-- Key: schema, name
-- Columns: schema text, name text, definition text, options text, columns text, populated bool,
--     access_method text, tablespace text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    c.relname::text as name,
    pg_catalog.pg_get_viewdef(c.oid) as definition,
    (
        select pg_catalog.string_agg(o.option, ', ' order by o.option collate "C")
        from (
            select pg_catalog.unnest(c.reloptions) as option
            union all
            select 'toast.' || pg_catalog.unnest(x.reloptions)
            from pg_catalog.pg_class as x
            where x.oid = c.reltoastrelid
        ) as o
    ) as options,
    (
        select pg_catalog.string_agg(
            pg_catalog.concat_ws(
                ' ',
                pg_catalog.quote_ident(b.attname),
                pg_catalog.format_type(b.atttypid, b.atttypmod),
                case when l.oid is not null
                    then pg_catalog.format('collate %I.%I', ln.nspname, l.collname)
                end,
                case when b.attstorage <> t.typstorage then 'storage ' || b.attstorage::text end,
                'compression ' || nullif(b.attcompression::text, ''),
                case when b.attstattarget >= 0 then 'statistics ' || b.attstattarget end,
                (
                    select '(' || pg_catalog.string_agg(o.option, ', ' order by o.option) || ')'
                    from pg_catalog.unnest(b.attoptions) as o (option)
                    where o.option ~ '^n_distinct(_inherited)?='
                )
            ),
            ', ' order by b.attnum
        )
        from pg_catalog.pg_attribute as b
        inner join pg_catalog.pg_type as t on b.atttypid = t.oid
        left join pg_catalog.pg_collation as l
            on b.attcollation = l.oid and b.attcollation <> t.typcollation
        left join pg_catalog.pg_namespace as ln on l.collnamespace = ln.oid
        where b.attrelid = c.oid and b.attnum > 0 and not b.attisdropped
    ) as columns,
    c.relispopulated as populated,
    a.amname::text as access_method,
    s.spcname::text as tablespace
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
left join pg_catalog.pg_am as a on c.relam = a.oid
left join pg_catalog.pg_tablespace as s on c.reltablespace = s.oid
where
    c.relkind = 'm'
    and n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and m.objid = c.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

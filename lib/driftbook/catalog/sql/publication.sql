-- publication: one row per publication, with what it publishes.
--
-- Key: name
-- Columns: name text, all_tables bool, operations text, via_root bool, tables text,
--     schemas text, generated_columns text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    p.pubname::text as name,
    p.puballtables as all_tables,
    pg_catalog.concat_ws(
        ', ',
        case when p.pubinsert then 'insert' end,
        case when p.pubupdate then 'update' end,
        case when p.pubdelete then 'delete' end,
        case when p.pubtruncate then 'truncate' end
    ) as operations,
    p.pubviaroot as via_root,
    (
        select pg_catalog.string_agg(t.text, ', ' order by t.text collate "C")
        from (
            select
                pg_catalog.format('%I.%I', n.nspname, c.relname) as text
            from pg_catalog.pg_publication_rel as r
            inner join pg_catalog.pg_class as c on r.prrelid = c.oid
            inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
            where r.prpubid = p.oid
        ) as t
    ) as tables,
    null::text as schemas,
    -- Before 18 generated columns are never published, as 'n' says since.
    coalesce(pg_catalog.to_jsonb(p) ->> 'pubgencols', 'n') as generated_columns
from pg_catalog.pg_publication as p
where
    not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_publication'::pg_catalog.regclass
            and m.objid = p.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by name;

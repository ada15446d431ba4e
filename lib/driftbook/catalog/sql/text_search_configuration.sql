-- text_search_configuration: one row per configuration, with the dictionaries of its tokens.
--
-- Key: schema, name
-- Columns: schema text, name text, parser text, mappings text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    t.cfgname::text as name,
    pg_catalog.format('%I.%I', pn.nspname, p.prsname) as parser,
    (
        select pg_catalog.string_agg(
            pg_catalog.format('%s: %s', g.token, g.dictionaries), ' | ' order by g.number
        )
        from (
            select
                m.maptokentype as number,
                coalesce(k.alias, m.maptokentype::text) as token,
                pg_catalog.string_agg(
                    pg_catalog.format('%I.%I', dn.nspname, d.dictname), ', ' order by m.mapseqno
                ) as dictionaries
            from pg_catalog.pg_ts_config_map as m
            inner join pg_catalog.pg_ts_dict as d on m.mapdict = d.oid
            inner join pg_catalog.pg_namespace as dn on d.dictnamespace = dn.oid
            -- Another parser's code is not run to learn what it calls its tokens.
            left join pg_catalog.ts_token_type('pg_catalog.default') as k (tokid, alias, note)
                on
                    m.maptokentype = k.tokid
                    and pn.nspname = 'pg_catalog' and p.prsname = 'default'
            where m.mapcfg = t.oid
            group by m.maptokentype, k.alias
        ) as g
    ) as mappings
from pg_catalog.pg_ts_config as t
inner join pg_catalog.pg_namespace as n on t.cfgnamespace = n.oid
inner join pg_catalog.pg_ts_parser as p on t.cfgparser = p.oid
inner join pg_catalog.pg_namespace as pn on p.prsnamespace = pn.oid
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_ts_config'::pg_catalog.regclass
            and m.objid = t.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

-- table: one row per ordinary, partitioned or foreign table, with its row level security.
--
-- Key: schema, name
-- Columns: schema text, name text, kind text, persistence text, rls_enabled bool,
--     rls_forced bool, replica_identity text, partition_key text, partition_bound text,
--     parents text, access_method text, tablespace text, options text, of_type text,
--     foreign_server text, foreign_options text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    c.relname::text as name,
    case c.relkind when 'r' then 'ordinary' when 'p' then 'partitioned' else 'foreign' end as kind,
    case c.relpersistence when 'u' then 'unlogged' else 'permanent' end as persistence,
    c.relrowsecurity as rls_enabled,
    c.relforcerowsecurity as rls_forced,
    case c.relreplident
        when 'n' then 'nothing' when 'f' then 'full' when 'i' then 'index' else 'default'
    end as replica_identity,
    case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end as partition_key,
    case when c.relispartition
        then pg_catalog.pg_get_expr(c.relpartbound, c.oid)
            || case when i.detaching then ' (detach pending)' else '' end
    end as partition_bound,
    i.parents,
    a.amname::text as access_method,
    s.spcname::text as tablespace,
    (
        select pg_catalog.string_agg(o.option, ', ' order by o.option collate "C")
        from (
            select pg_catalog.unnest(c.reloptions) as option
            union all
            select 'toast.' || pg_catalog.unnest(t.reloptions)
            from pg_catalog.pg_class as t
            where t.oid = c.reltoastrelid
        ) as o
    ) as options,
    case when c.reloftype <> 0 then pg_catalog.format_type(c.reloftype, null) end as of_type,
    fs.srvname::text as foreign_server,
    (
        -- An option that looks like a secret is compared by its presence only.
        select pg_catalog.string_agg(
            pg_catalog.regexp_replace(
                o.option,
                '^([^=]*(pass|secret|token|credential|api_?key|private)[^=]*=).*', '\1***', 'i'
            ),
            ', ' order by o.option collate "C"
        )
        from pg_catalog.unnest(f.ftoptions) as o (option)
    ) as foreign_options
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
left join pg_catalog.pg_am as a on c.relam = a.oid
left join pg_catalog.pg_tablespace as s on c.reltablespace = s.oid
left join pg_catalog.pg_foreign_table as f on c.oid = f.ftrelid
left join pg_catalog.pg_foreign_server as fs on f.ftserver = fs.oid
left join (
    select
        h.inhrelid,
        pg_catalog.bool_or(h.inhdetachpending) as detaching,
        pg_catalog.string_agg(
            pg_catalog.format('%I.%I', pn.nspname, pc.relname), ', ' order by h.inhseqno
        ) as parents
    from pg_catalog.pg_inherits as h
    inner join pg_catalog.pg_class as pc on h.inhparent = pc.oid
    inner join pg_catalog.pg_namespace as pn on pc.relnamespace = pn.oid
    group by h.inhrelid
) as i on c.oid = i.inhrelid
where
    c.relkind in ('r', 'p', 'f')
    and n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    -- What an extension owns is the extension's business, not the migrations'.
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and m.objid = c.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

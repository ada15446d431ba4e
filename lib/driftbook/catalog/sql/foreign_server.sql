-- foreign_server: one row per foreign server.
--
-- Key: name
-- Columns: name text, wrapper text, type text, version text, options text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    s.srvname::text as name,
    f.fdwname::text as wrapper,
    s.srvtype as type,
    s.srvversion as version,
    (
        -- part: options_without_secrets
        from pg_catalog.unnest(s.srvoptions) as o (option)
    ) as options
from pg_catalog.pg_foreign_server as s
inner join pg_catalog.pg_foreign_data_wrapper as f on s.srvfdw = f.oid
where
    not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_foreign_server'::pg_catalog.regclass
            and m.objid = s.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by name;

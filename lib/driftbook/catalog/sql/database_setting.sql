-- database_setting: one row per setting that ALTER DATABASE or ALTER ROLE gave to new sessions.
--
-- Key: role, database, name
-- Columns: role text, database text, name text, value text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    case when s.setrole = 0 then '' else coalesce(r.rolname::text, '(dropped role)') end as role,
    case when s.setdatabase = 0 then '' else 'this database' end as database,
    pg_catalog.split_part(o.setting, '=', 1) as name,
    case
        -- A setting of no module of the server that looks like a secret: only its presence.
        when o.setting ~* '^[^=]*[.][^=]*(pass|secret|token|credential|key|private)[^=]*='
            or o.setting ~* '^[^=]*(pass|secret|token|credential|key|private)[^=]*[.][^=]*='
            then '***'
        else pg_catalog.substr(o.setting, pg_catalog.strpos(o.setting, '=') + 1)
    end as value
from pg_catalog.pg_db_role_setting as s
cross join lateral pg_catalog.unnest(s.setconfig) as o (setting)
left join pg_catalog.pg_database as d on s.setdatabase = d.oid
left join pg_catalog.pg_roles as r on s.setrole = r.oid
where
    (s.setdatabase = 0 or d.datname = pg_catalog.current_database())
order by role, database, name;

-- role: one row per role of the cluster but those of initdb; never a password.
--
-- Key: name
-- Columns: name text, superuser bool, inherit bool, create_role bool, create_db bool,
--     login bool, replication bool, bypass_rls bool, connection_limit int8, valid_until text,
--     comment text, is_first bool
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    r.rolname::text as name,
    r.rolsuper as superuser,
    r.rolinherit as inherit,
    r.rolcreaterole as create_role,
    r.rolcreatedb as create_db,
    r.rolcanlogin as login,
    r.rolreplication as replication,
    r.rolbypassrls as bypass_rls,
    nullif(r.rolconnlimit, -1)::int8 as connection_limit,
    case
        when not pg_catalog.isfinite(r.rolvaliduntil) then r.rolvaliduntil::text
        else pg_catalog.to_char(
            pg_catalog.timezone('UTC', r.rolvaliduntil), 'YYYY-MM-DD HH24:MI:SS.US "UTC"'
        )
    end as valid_until,
    pg_catalog.shobj_description(r.oid, 'pg_authid') as comment,
    r.oid = 10 as is_first
from pg_catalog.pg_roles as r
where
    r.rolname !~ '^pg_'
order by name;

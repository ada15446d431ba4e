-- user_mapping: one row per role that a foreign server knows; its options are never read.
--
-- Key: server, role
-- Columns: server text, role text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    u.srvname::text as server,
    case when u.umuser = 0 then 'PUBLIC' else coalesce(r.rolname::text, '(dropped role)') end
    as role
from pg_catalog.pg_user_mappings as u
left join pg_catalog.pg_roles as r on u.umuser = r.oid
where
    u.umid >= 16384
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_user_mapping'::pg_catalog.regclass
            and m.objid = u.umid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by server, role;

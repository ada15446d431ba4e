-- membership: one row per role that is a member of another, and who made it one.
--
-- Key: role, member, grantor
-- Columns: role text, member text, grantor text, admin bool, inherit bool, set bool
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    r.rolname::text as role,
    m.rolname::text as member,
    -- Whoever made the cluster bears another name elsewhere.
    case
        when a.grantor = 10 then '(first role)' else coalesce(g.rolname::text, '(dropped role)')
    end as grantor,
    a.admin_option as admin,
    -- Both are options of the membership since 16.
    (j.row ->> 'inherit_option')::bool as inherit,
    (j.row ->> 'set_option')::bool as set
from pg_catalog.pg_auth_members as a
cross join lateral pg_catalog.to_jsonb(a) as j (row)
inner join pg_catalog.pg_roles as r on a.roleid = r.oid
inner join pg_catalog.pg_roles as m on a.member = m.oid
left join pg_catalog.pg_roles as g on a.grantor = g.oid
where
    -- A role of initdb in another one of them is the server's own.
    m.rolname !~ '^pg_' or r.rolname !~ '^pg_'
order by role, member, grantor;

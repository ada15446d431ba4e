-- default_privilege: one row per privilege of future objects that differs from the built-in ones.
--
-- Key: role, schema, object_kind, grantee, privilege
-- Columns: role text, schema text, object_kind text, grantee text, privilege text,
--     granted bool, grantable bool
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    o.rolname::text as role,
    coalesce(n.nspname::text, '') as schema,
    case d.defaclobjtype
        when 'r' then 'table' when 'S' then 'sequence' when 'f' then 'function'
        when 'T' then 'type' when 'n' then 'schema' else 'large_object'
    end as object_kind,
    case when x.grantee = 0 then 'PUBLIC' else coalesce(g.rolname::text, '(dropped role)') end
    as grantee,
    x.privilege_type as privilege,
    -- False: built in, and taken away.
    pg_catalog.bool_or(x.given) as granted,
    pg_catalog.bool_or(x.given and x.is_grantable) as grantable
from pg_catalog.pg_default_acl as d
inner join pg_catalog.pg_roles as o on d.defaclrole = o.oid
left join pg_catalog.pg_namespace as n on d.defaclnamespace = n.oid
cross join lateral (
    select
        coalesce(a.grantee, b.grantee) as grantee,
        coalesce(a.privilege_type, b.privilege_type) as privilege_type,
        a.grantee is not null as given,
        coalesce(a.is_grantable, false) as is_grantable
    from pg_catalog.aclexplode(d.defaclacl) as a
    full join (
        select e.*
        from pg_catalog.aclexplode(
            -- The same letters, but for sequences; 15 has no letter for large objects.
            pg_catalog.acldefault(
                (
                    case d.defaclobjtype when 'S' then 's' when 'L' then 'L'
                    else d.defaclobjtype end
                )::"char",
                d.defaclrole
            )
        ) as e
        -- Inside one schema entries only add.
        where d.defaclnamespace = 0
    ) as b on a.grantee = b.grantee and a.privilege_type = b.privilege_type
    where a.grantee is null or b.grantee is null or a.is_grantable <> b.is_grantable
) as x
left join pg_catalog.pg_roles as g on x.grantee = g.oid
group by 1, 2, 3, 4, 5
order by role, schema, object_kind, grantee, privilege;

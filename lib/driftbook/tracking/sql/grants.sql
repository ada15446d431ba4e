-- grants: who holds what on the tracking table and its schema, besides their owners.
--
-- Parameters: schema text, name text
-- Columns: grantee text, privilege text, object text
with granted (acl, owner, object) as (
    select coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner)), n.nspowner, 'schema'
    from pg_catalog.pg_namespace as n
    where n.nspname = %(schema)s
    union all
    select coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner)), c.relowner, 'table'
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
    where n.nspname = %(schema)s and c.relname = %(name)s
    union all
    select a.attacl, c.relowner, 'column'
    from pg_catalog.pg_attribute as a
    inner join pg_catalog.pg_class as c on a.attrelid = c.oid
    inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
    where n.nspname = %(schema)s and c.relname = %(name)s and a.attacl is not null
)

select distinct
    case when x.grantee = 0 then 'PUBLIC' else pg_catalog.pg_get_userbyid(x.grantee)::text end
    as grantee,
    x.privilege_type as privilege,
    g.object
from granted as g
cross join lateral pg_catalog.aclexplode(g.acl) as x
where x.grantee <> g.owner
order by grantee, object, privilege;

-- policy: one row per row level security policy, its roles sorted.
--
-- Key: schema, table, name
-- Columns: schema text, table text, name text, command text, roles text, permissive bool,
--     using text, with_check text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    c.relname::text as "table",
    p.polname::text as name,
    case p.polcmd
        when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
        when 'd' then 'delete' else 'all'
    end as command,
    (
        -- The server keeps the order of its role catalog, which any ALTER ROLE moves.
        select pg_catalog.string_agg(g.name, ', ' order by g.name collate "C")
        from (
            select
                case
                    when u.oid = 0 then 'PUBLIC'
                    else coalesce(pg_catalog.quote_ident(r.rolname), '(dropped role)')
                end as name
            from pg_catalog.unnest(p.polroles) as u (oid)
            left join pg_catalog.pg_roles as r on u.oid = r.oid
        ) as g
    ) as roles,
    p.polpermissive as permissive,
    pg_catalog.pg_get_expr(p.polqual, p.polrelid) as "using",
    pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) as with_check
from pg_catalog.pg_policy as p
inner join pg_catalog.pg_class as c on p.polrelid = c.oid
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and m.objid = c.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, "table", name;

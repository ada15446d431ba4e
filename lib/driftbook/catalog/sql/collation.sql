-- collation: one row per collation that a user made.
--
-- Key: schema, name
-- Columns: schema text, name text, provider text, deterministic bool, locale text,
--     lc_collate text, lc_ctype text, rules text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    c.collname::text as name,
    case c.collprovider when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end as provider,
    c.collisdeterministic as deterministic,
    -- The column was renamed twice: 14 has the locale in collcollate, 15 and 16 here.
    coalesce(
        j.row ->> 'colllocale', j.row ->> 'colliculocale',
        case when c.collprovider = 'i' then c.collcollate::text end
    ) as locale,
    case when c.collprovider <> 'i' then c.collcollate::text end as lc_collate,
    case when c.collprovider <> 'i' then c.collctype::text end as lc_ctype,
    j.row ->> 'collicurules' as rules
from pg_catalog.pg_collation as c
inner join pg_catalog.pg_namespace as n on c.collnamespace = n.oid
cross join lateral pg_catalog.to_jsonb(c) as j (row)
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_collation'::pg_catalog.regclass
            and m.objid = c.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, name;

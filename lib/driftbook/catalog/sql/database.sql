-- database: one row per database that is read: this one, without its name.
--
-- Key: name
-- Columns: name text, connection_limit int8, allow_connections bool, is_template bool,
--     encoding text, locale_provider text, lc_collate text, lc_ctype text, locale text,
--     icu_rules text, tablespace text, comment text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    'this database' as name,
    nullif(d.datconnlimit, -1)::int8 as connection_limit,
    d.datallowconn as allow_connections,
    d.datistemplate as is_template,
    pg_catalog.pg_encoding_to_char(d.encoding)::text as encoding,
    -- 14 knows no other.
    case coalesce(j.row ->> 'datlocprovider', 'c')
        when 'i' then 'icu' when 'b' then 'builtin' else 'libc'
    end as locale_provider,
    d.datcollate::text as lc_collate,
    d.datctype::text as lc_ctype,
    -- The column was renamed in 17.
    coalesce(j.row ->> 'datlocale', j.row ->> 'daticulocale') as locale,
    j.row ->> 'daticurules' as icu_rules,
    nullif(s.spcname::text, 'pg_default') as tablespace,
    pg_catalog.shobj_description(d.oid, 'pg_database') as comment
from pg_catalog.pg_database as d
cross join lateral pg_catalog.to_jsonb(d) as j (row)
left join pg_catalog.pg_tablespace as s on d.dattablespace = s.oid
where
    d.datname = pg_catalog.current_database()
order by name;

-- storage_bucket: one row per bucket of Supabase's storage.
--
-- Key: name
-- Columns: name text, label text, public bool, file_size_limit int8, allowed_mime_types text,
--     type text
-- Needs: PostgreSQL 14; SELECT on storage.buckets
select
    b.id as name,
    nullif(b.name, b.id) as label,
    coalesce(b.public, false) as public,
    b.file_size_limit::int8 as file_size_limit,
    (
        select pg_catalog.string_agg(m.type, ', ' order by m.type)
        from pg_catalog.unnest(b.allowed_mime_types) as m (type)
    ) as allowed_mime_types,
    b.type
-- A name that an older storage lacks is found one level up.
from (
    select
        null::int8 as file_size_limit,
        null::text[] as allowed_mime_types,
        'STANDARD' as type
) as absent
cross join lateral (
    select
        t.id,
        t.name,
        t.public,
        file_size_limit,
        allowed_mime_types,
        pg_catalog.format('%s', type) as type
    from only storage.buckets as t
) as b
order by name;

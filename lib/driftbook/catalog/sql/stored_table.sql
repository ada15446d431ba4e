-- stored_table: one row per table whose rows are objects, of those that there are.
--
-- Key: kind
-- Columns: kind text, table text, is_table bool, can_use bool, denied text, foreign text,
--     is_filtered bool, admits_all bool
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
with wanted (kind, schema, name, marks, read) as (
    values
    (
        'cron_job', 'cron', 'job', array['jobid', 'schedule', 'command'],
        array['jobid', 'schedule', 'command', 'username', 'jobname', 'database', 'active']
    ),
    (
        'storage_bucket', 'storage', 'buckets', array['id', 'name', 'public'],
        array['id', 'name', 'public', 'file_size_limit', 'allowed_mime_types', 'type']
    ),
    (
        'vault_secret_name', 'vault', 'secrets', array['name', 'description', 'secret'],
        array['name', 'description']
    )
)

select
    w.kind,
    w.schema || '.' || w.name as "table",
    c.relkind = 'r' as is_table,
    pg_catalog.has_schema_privilege(n.oid, 'usage') as can_use,
    a.denied,
    a."foreign",
    pg_catalog.row_security_active(c.oid) as is_filtered,
    coalesce(p.admits_all, false) as admits_all
from wanted as w
inner join pg_catalog.pg_namespace as n on n.nspname = w.schema
inner join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relname = w.name
inner join lateral (
    select
        pg_catalog.array_agg(t.attname::text) as names,
        pg_catalog.string_agg(t.attname, ', ' order by t.attname) filter (
            where
            t.attname = any(w.read)
            and not pg_catalog.has_column_privilege(c.oid, t.attnum, 'select')
        ) as denied,
        -- A type of somebody's own may run code of theirs when it is read; an enum's output cannot.
        pg_catalog.string_agg(t.attname, ', ' order by t.attname) filter (
            where
            t.attname = any(w.read)
            and t.atttypid >= 16384
            and not (t.attname = 'type' and y.typtype = 'e')
        ) as "foreign"
    from pg_catalog.pg_attribute as t
    inner join pg_catalog.pg_type as y on y.oid = t.atttypid
    where t.attrelid = c.oid and t.attnum > 0 and t.attname = any(w.marks || w.read)
) as a on a.names @> w.marks
cross join lateral (
    -- A filtered read looks like "no such object": only a policy that admits every row will do.
    select
        pg_catalog.bool_or(
            l.polpermissive and pg_catalog.pg_get_expr(l.polqual, l.polrelid) = 'true'
        )
        and not pg_catalog.bool_or(not l.polpermissive) as admits_all
    from pg_catalog.pg_policy as l
    where
        l.polrelid = c.oid
        and l.polcmd in ('r', '*')
        and (
            0 = any(l.polroles)
            or exists (
                select from pg_catalog.unnest(l.polroles) as r (oid)
                where pg_catalog.pg_has_role(r.oid, 'usage')
            )
        )
) as p
order by kind;

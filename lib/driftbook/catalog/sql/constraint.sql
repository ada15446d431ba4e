-- constraint: one row per constraint of a table or domain; NOT NULL is the column's property.
--
-- Key: schema, table, name
-- Columns: schema text, table text, name text, type text, definition text,
--     triggers text, inherited bool, local bool, of text, validated bool,
--     deferrable bool, deferred bool, no_inherit bool, enforced bool
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
with recursive switched (oid, parent, what) as (
    -- The server's own triggers that somebody switched; those of a partition count for its parent.
    select
        k.oid,
        k.conparentid,
        pg_catalog.format(
            '%s %s on %I.%I',
            pg_catalog.replace(p.proname, 'RI_FKey_', ''),
            case t.tgenabled when 'D' then 'disabled' when 'R' then 'replica' else 'always' end,
            n.nspname, c.relname
        )
    from pg_catalog.pg_trigger as t
    inner join pg_catalog.pg_constraint as k on t.tgconstraint = k.oid
    inner join pg_catalog.pg_proc as p on t.tgfoid = p.oid
    inner join pg_catalog.pg_class as c on t.tgrelid = c.oid
    inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
    where t.tgisinternal and t.tgenabled <> 'O'
    union all
    select k.oid, k.conparentid, w.what
    from switched as w
    inner join pg_catalog.pg_constraint as k on w.parent = k.oid
)

select
    n.nspname::text as schema,
    coalesce(c.relname, t.typname)::text as "table",
    k.conname::text as name,
    case k.contype
        when 'c' then 'check' when 'f' then 'foreign key' when 'p' then 'primary key'
        when 'u' then 'unique' else 'exclude'
    end as type,
    pg_catalog.pg_get_constraintdef(k.oid) as definition,
    -- ALTER TABLE … DISABLE TRIGGER ALL leaves a foreign key that checks nothing.
    g.triggers,
    k.coninhcount > 0 as inherited,
    k.conislocal as local,
    case when k.contypid <> 0 then 'domain' else 'table' end as "of",
    k.convalidated as validated,
    k.condeferrable as deferrable,
    k.condeferred as deferred,
    case when k.contype = 'c' then k.connoinherit end as no_inherit,
    case
        when pg_catalog.current_setting('server_version_num')::int4 < 180000 then true
        else (pg_catalog.to_jsonb(k) ->> 'conenforced')::bool
    end as enforced
from pg_catalog.pg_constraint as k
inner join pg_catalog.pg_namespace as n on k.connamespace = n.oid
left join pg_catalog.pg_class as c on k.conrelid = c.oid
left join pg_catalog.pg_type as t on k.contypid = t.oid
left join (
    select
        w.oid,
        pg_catalog.string_agg(distinct w.what, ', ' order by w.what) as triggers
    from switched as w
    group by w.oid
) as g on k.oid = g.oid
where
    k.contype in ('c', 'f', 'p', 'u', 'x')
    and n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    -- Foreign keys that the server clones for partitions follow their parent.
    and not (k.contype = 'f' and k.conparentid <> 0)
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            (
                m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                and m.objid = k.conrelid
                or m.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
                and m.objid = k.contypid
            )
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by schema, "table", name;

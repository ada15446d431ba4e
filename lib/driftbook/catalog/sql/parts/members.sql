-- What lies in another object, and has its name behind that of the object it lies in.
-- The last two columns: the object that tells whether an extension owns it.
select
    k.tableoid, k.oid, 'constraint', k.connamespace, coalesce(c.relname, t.typname)::text,
    k.conname::text,
    coalesce(c.tableoid, t.tableoid), coalesce(c.oid, t.oid)
from pg_catalog.pg_constraint as k
left join pg_catalog.pg_class as c on k.conrelid = c.oid
left join pg_catalog.pg_type as t on k.contypid = t.oid
union all
select o.catalog, o.oid, o.kind, c.relnamespace, c.relname::text, o.sub, c.tableoid, c.oid
from (
    select t.tableoid, t.oid, t.tgrelid, 'trigger', t.tgname::text
    from pg_catalog.pg_trigger as t
    where not t.tgisinternal
    union all
    select p.tableoid, p.oid, p.polrelid, 'policy', p.polname::text
    from pg_catalog.pg_policy as p
    union all
    select r.tableoid, r.oid, r.ev_class, 'rule', r.rulename::text
    from pg_catalog.pg_rewrite as r
) as o (catalog, oid, relation, kind, sub)
inner join pg_catalog.pg_class as c on o.relation = c.oid
union all
select
    c.tableoid, c.oid, 'cast', null, pg_catalog.format_type(c.castsource, null),
    pg_catalog.format_type(c.casttarget, null), c.tableoid, c.oid
from pg_catalog.pg_cast as c
where c.oid >= 16384
union all
select
    t.tableoid, t.oid, 'transform', null, pg_catalog.format_type(t.trftype, null),
    l.lanname::text, t.tableoid, t.oid
from pg_catalog.pg_transform as t
inner join pg_catalog.pg_language as l on t.trflang = l.oid

-- What needs what, as the server itself keeps it: one row per entry of pg_depend on both of whose
-- sides something made by people stands. Entries that only hold an object together (a view's rule,
-- a default, a row type) are told of the object. Names of columns stand for their numbers.
with spelled as (
    select d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid,
        case
            when d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass then 'default'
            when d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass then 'query'
            when d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass then 'constraint'
            when d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass then 'policy'
            when d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass then 'trigger'
            when d.classid in (
                'pg_catalog.pg_publication_rel'::pg_catalog.regclass,
                pg_catalog.to_regclass('pg_catalog.pg_publication_namespace')
            ) then 'publication'
            when d.deptype = 'e' then 'extension'
            when d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass then 'type'
            when d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass then 'body'
            when d.deptype in ('a', 'i', 'P', 'S') then 'part'
            else 'use'
        end as how
    from pg_catalog.pg_depend as d
    where d.objid >= 16384 and d.refobjid >= 16384
        and d.refclassid <> 'pg_catalog.pg_namespace'::pg_catalog.regclass
),
dependent as (
    select s.refclassid, s.refobjid, s.refobjsubid, s.how,
        case
            when f.oid is not null or w.oid is not null
                then 'pg_catalog.pg_class'::pg_catalog.regclass::oid
            when r.oid is not null then 'pg_catalog.pg_publication'::pg_catalog.regclass::oid
            when t.oid is not null then 'pg_catalog.pg_type'::pg_catalog.regclass::oid
            else s.classid
        end as classid,
        coalesce(f.adrelid, w.ev_class, r.prpubid, t.reltype, s.objid) as objid,
        case when t.oid is null then coalesce(f.adnum::integer, s.objsubid) else 0 end as objsubid
    from spelled as s
    left join pg_catalog.pg_attrdef as f
        on s.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and f.oid = s.objid
    left join pg_catalog.pg_rewrite as w
        on s.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and w.oid = s.objid
        and w.rulename = '_RETURN'
    left join pg_catalog.pg_publication_rel as r
        on s.classid = 'pg_catalog.pg_publication_rel'::pg_catalog.regclass and r.oid = s.objid
    left join pg_catalog.pg_class as t
        on s.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and t.oid = s.objid
        and t.relkind = 'c'
),
-- An array stands for its element, a row type for its relation, a relation's own type for it.
element as (
    select t.oid, coalesce(e.oid, t.oid) as element
    from pg_catalog.pg_type as t
    left join pg_catalog.pg_type as e on e.typarray = t.oid
),
resolved as (
    select d.classid, d.objid, d.objsubid, d.how,
        case
            when k.oid is not null and k.relkind <> 'c'
                then 'pg_catalog.pg_class'::pg_catalog.regclass::oid
            else d.refclassid
        end as refclassid,
        case
            when k.oid is not null and k.relkind <> 'c' then k.oid
            else coalesce(e.element, d.refobjid)
        end as refobjid,
        d.refobjsubid
    from dependent as d
    left join element as e
        on d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass and e.oid = d.refobjid
    left join pg_catalog.pg_type as t on t.oid = e.element
    left join pg_catalog.pg_class as k on k.oid = t.typrelid
)
select distinct
    c.relname::text, r.objid::bigint, coalesce(a.attname::text, ''),
    o.relname::text, r.refobjid::bigint, coalesce(b.attname::text, ''), r.how
from resolved as r
inner join pg_catalog.pg_class as c on c.oid = r.classid
inner join pg_catalog.pg_class as o on o.oid = r.refclassid
left join pg_catalog.pg_attribute as a
    on r.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and a.attrelid = r.objid
    and a.attnum = r.objsubid and r.objsubid > 0
left join pg_catalog.pg_attribute as b
    on r.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and b.attrelid = r.refobjid
    and b.attnum = r.refobjsubid and r.refobjsubid > 0
where (r.classid, r.objid, r.objsubid) <> (r.refclassid, r.refobjid, r.refobjsubid)
order by 1, 2, 3, 4, 5, 6, 7;

-- The objects that lie in no schema, as frames name them; owner is null where none can be set.
select
    n.tableoid, n.oid, 'schema', n.oid, n.nspname::text, n.nspowner,
    coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))
from pg_catalog.pg_namespace as n
union all
select
    d.tableoid, d.oid, 'database', null, 'this database', d.datdba,
    coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))
from pg_catalog.pg_database as d
where d.datname = pg_catalog.current_database()
union all
select
    s.tableoid, s.oid, 'foreign_server', null::oid, s.srvname::text, s.srvowner,
    coalesce(s.srvacl, pg_catalog.acldefault('S', s.srvowner))
from pg_catalog.pg_foreign_server as s
union all
select
    f.tableoid, f.oid, 'foreign_data_wrapper', null, f.fdwname::text, f.fdwowner,
    coalesce(f.fdwacl, pg_catalog.acldefault('F', f.fdwowner))
from pg_catalog.pg_foreign_data_wrapper as f
union all
select
    l.tableoid, l.oid, 'language', null, l.lanname::text, l.lanowner,
    -- Nobody but a superuser may use another one, whatever is granted.
    case when l.lanpltrusted then coalesce(l.lanacl, pg_catalog.acldefault('l', l.lanowner)) end
from pg_catalog.pg_language as l
union all
select f.catalog, f.oid, f.object_kind, null, f.name, f.owner, null::pg_catalog.aclitem[]
from (
    select e.tableoid, e.oid, 'event_trigger', e.evtname::text, e.evtowner
    from pg_catalog.pg_event_trigger as e
    union all
    select p.tableoid, p.oid, 'publication', p.pubname::text, p.pubowner
    from pg_catalog.pg_publication as p
    union all
    -- The auditor may not ask for all columns.
    select
        'pg_catalog.pg_subscription'::pg_catalog.regclass, s.oid, 'subscription', s.subname::text,
        s.subowner
    from pg_catalog.pg_subscription as s
    inner join pg_catalog.pg_database as d on s.subdbid = d.oid
    where d.datname = pg_catalog.current_database()
    union all
    select e.tableoid, e.oid, 'extension', e.extname::text, null
    from pg_catalog.pg_extension as e
    union all
    select a.tableoid, a.oid, 'access_method', a.amname::text, null
    from pg_catalog.pg_am as a
    where a.oid >= 16384
) as f (catalog, oid, object_kind, name, owner)

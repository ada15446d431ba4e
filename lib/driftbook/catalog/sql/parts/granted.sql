-- Everything that a privilege was granted on or revoked from; the rest has no list.
select
    c.tableoid, c.oid, 0,
    case c.relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end,
    c.relnamespace, c.relname::text, '', c.relowner, c.relacl,
    case c.relkind when 'S' then 'S' else 'r' end
from pg_catalog.pg_class as c
where c.relacl is not null
union all
select
    c.tableoid, c.oid, a.attnum, case c.relkind when 'v' then 'view' else 'table' end,
    c.relnamespace, c.relname::text, a.attname::text, c.relowner, a.attacl, ''
from pg_catalog.pg_attribute as a
inner join pg_catalog.pg_class as c on a.attrelid = c.oid
where a.attacl is not null
union all
select p.tableoid, p.oid, 0, 'function', p.pronamespace,
    p.proname || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')', '', p.proowner,
    p.proacl, 'f'
from pg_catalog.pg_proc as p
where p.proacl is not null
union all
select t.tableoid, t.oid, 0, 'base_type', t.typnamespace, t.typname::text, '', t.typowner,
    t.typacl, 'T'
from pg_catalog.pg_type as t
where t.typacl is not null
union all
select n.tableoid, n.oid, 0, 'schema', n.oid, n.nspname::text, '', n.nspowner, n.nspacl, 'n'
from pg_catalog.pg_namespace as n
where n.nspacl is not null and n.nspname <> 'public'
union all
select f.tableoid, f.oid, 0, 'foreign_data_wrapper', null, f.fdwname::text, '', f.fdwowner,
    f.fdwacl, 'F'
from pg_catalog.pg_foreign_data_wrapper as f
where f.fdwacl is not null

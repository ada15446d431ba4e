-- facts: what this server has, for the interceptor; one row.
--
-- Columns: trusted, available, installed, methods, languages, settings, roles, wrappers,
--     functions: text[]
select
  array(
    select distinct v.name::text from pg_catalog.pg_available_extension_versions as v
    where v.trusted order by 1
  ) as trusted,
  array(select e.name::text from pg_catalog.pg_available_extensions as e order by 1) as available,
  array(select x.extname::text from pg_catalog.pg_extension as x order by 1) as installed,
  array(select a.amname::text from pg_catalog.pg_am as a order by 1) as methods,
  array(
    select l.lanname::text from pg_catalog.pg_language as l where l.lanpltrusted order by 1
  ) as languages,
  array(select lower(s.name) from pg_catalog.pg_settings as s order by 1) as settings,
  array(select r.rolname::text from pg_catalog.pg_roles as r order by 1) as roles,
  array(select f.fdwname::text from pg_catalog.pg_foreign_data_wrapper as f order by 1) as wrappers,
  array(
    select distinct p.proname::text from pg_catalog.pg_proc as p
    where p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace order by 1
  ) as functions;

-- stored: lets the auditor of a shadow read the rows that are compared; here they hold no secret.
do $$
declare
  item record;
begin
  for item in
    select n.nspname, c.relname
    from (values ('cron', 'job'), ('storage', 'buckets'), ('vault', 'secrets')) as w (schema, name)
    inner join pg_catalog.pg_namespace as n on n.nspname = w.schema
    inner join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relname = w.name
  loop
    execute format('grant usage on schema %I to driftbook_auditor', item.nspname);
    execute format('grant select on table %I.%I to driftbook_auditor', item.nspname, item.relname);
  end loop;
end $$;
-- A policy that a file makes, or FORCE, hides no row from it.
alter role driftbook_auditor bypassrls;

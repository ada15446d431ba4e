-- roles: whom the probe's objects belong to and are granted to; no session ever logs in as one.
do $$
declare
    name text;
begin
    foreach name in array array['owner', 'reader', 'writer', 'group', 'spare'] loop
        name := 'driftbook_probe_' || name;
        if not exists (select from pg_catalog.pg_roles where rolname = name) then
            execute pg_catalog.format('create role %I', name);
        end if;
    end loop;
end $$;
alter role driftbook_probe_reader set work_mem = '4MB';
grant driftbook_probe_group to driftbook_probe_writer;

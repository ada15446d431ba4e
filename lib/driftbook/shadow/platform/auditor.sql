-- auditor: the role that takes the snapshots; it owns nothing and is in no other role.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'driftbook_auditor') then
    create role driftbook_auditor;
  end if;
  -- By name: a file may take CONNECT away from PUBLIC.
  execute format('grant connect on database %I to driftbook_auditor', current_database());
end $$;
alter role driftbook_auditor login noinherit nosuperuser nocreaterole nocreatedb noreplication;

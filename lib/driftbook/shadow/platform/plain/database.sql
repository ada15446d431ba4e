-- driftbook prelude "plain", version 1: a database as its owner finds it
--
-- Needs: the setting driftbook.replay_role; runs as the superuser; the role exists.
-- The database belongs to a group, so that every prepared role may create in public, as the
-- superuser that hands objects over may in production: OWNER TO needs that of the new owner.
do $$
declare
  replay_role name := current_setting('driftbook.replay_role');
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'driftbook_owner') then
    create role driftbook_owner;
  end if;
  execute format('grant driftbook_owner to %I', replay_role);
  execute format('alter database %I owner to driftbook_owner', current_database());
  -- Before PostgreSQL 15 public does not belong to the owner of the database.
  if current_setting('server_version_num')::int < 150000 then
    alter schema public owner to pg_database_owner;
  else
    execute format('grant set on parameter session_replication_role to %I', replay_role);
  end if;
end $$;

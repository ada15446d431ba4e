-- close: take away what makes a role a superuser by another name.
--
-- Runs last in the prepare phase, in the database that will be replayed into, as the superuser.
-- Needs: the setting driftbook.replay_role; re-runnable, on every platform.
do $$
declare
  replay_role name := current_setting('driftbook.replay_role');
  member record;
begin
  for member in
    select r.rolname
    from pg_catalog.pg_roles as r
    where r.oid >= 16384 and pg_catalog.pg_has_role(replay_role, r.oid, 'member')
  loop
    execute format('alter role %I nosuperuser noreplication', member.rolname);
    -- Before PostgreSQL 16 CREATEROLE may grant any role but superusers, predefined ones included.
    if current_setting('server_version_num')::int < 160000 then
      execute format('alter role %I nocreaterole', member.rolname);
    end if;
  end loop;
  for member in
    select r.rolname, m.rolname as holder
    from pg_catalog.pg_auth_members as a
    inner join pg_catalog.pg_roles as r on r.oid = a.roleid
    inner join pg_catalog.pg_roles as m on m.oid = a.member
    where m.oid >= 16384 and r.rolname in (
      'pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files',
      'pg_read_all_data', 'pg_write_all_data', 'pg_signal_backend', 'pg_create_subscription'
    )
  loop
    execute format('revoke %I from %I', member.rolname, member.holder);
  end loop;
end $$;

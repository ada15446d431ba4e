-- powers: roles that a role is or can become and must not, to run migrations; no row is the only pass.
--
-- Columns: role text
-- Needs: the setting driftbook.replay_role; runs after close.sql, whose REVOKE removes the grants
-- of its own grantor only: this query is the wall, not that step.
select r.rolname::text as role
from pg_catalog.pg_roles as r
where pg_catalog.pg_has_role(current_setting('driftbook.replay_role')::name, r.oid, 'member')
  and (
    r.rolsuper
    or r.rolreplication
    or (r.rolcreaterole and current_setting('server_version_num')::int < 160000)
    or r.rolname in (
      'pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files',
      'pg_read_all_data', 'pg_write_all_data', 'pg_signal_backend', 'pg_create_subscription'
    )
  )
order by role;

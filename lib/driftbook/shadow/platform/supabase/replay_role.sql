-- driftbook prelude "supabase", version 4: a replay role of another name
--
-- Runs after the database part where live's platform is a stand-in, owned by another role.
-- Needs: the setting driftbook.replay_role; runs as the superuser; re-runnable.
-- It may what `postgres` may, and what it makes is its own.
do $$
declare
  replay_role name := current_setting('driftbook.replay_role');
  held name;
begin
  if not exists (select from pg_catalog.pg_roles where rolname = replay_role) then
    execute format('create role %I', replay_role);
  end if;
  execute format(
    'alter role %I login nosuperuser createdb createrole noreplication bypassrls', replay_role
  );
  execute format('grant postgres to %I', replay_role);
  for held in
    select r.rolname
    from pg_catalog.pg_auth_members as a
    inner join pg_catalog.pg_roles as r on r.oid = a.roleid
    where a.member = 'postgres'::regrole and a.admin_option and r.rolname <> replay_role
  loop
    execute format('grant %I to %I with admin option', held, replay_role);
  end loop;
  execute format('alter role %I reset all', replay_role);
  execute format('alter role %I set search_path to "$user", public, extensions', replay_role);
end $$;

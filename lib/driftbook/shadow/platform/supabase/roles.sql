-- driftbook prelude "supabase", version 4: cluster part
-- Runs before each database part, as the bootstrap superuser `supabase_admin`.
-- Re-runnable: every role is created only when missing.
-- Roles, attributes and memberships follow the public layout of supabase/postgres, with two exceptions:
-- no role but the bootstrap superuser is superuser or may replicate, and none joins a predefined role that
-- reads files, runs programs, reads all rows or signals other sessions. powers.sql asserts it for the replay
-- role and for every role it can become.
-- No passwords are set here: the launcher gives the replay role a random one per run.

-- 1. Roles ---------------------------------------------------------------------------------------

do $$
declare
  role_name text;
begin
  foreach role_name in array array[
    -- request roles used by the API layer
    'anon', 'authenticated', 'service_role', 'authenticator',
    -- the roles people and tools log in with
    'postgres', 'supabase_admin', 'dashboard_user',
    -- service owners
    'supabase_auth_admin', 'supabase_storage_admin', 'supabase_functions_admin',
    'supabase_realtime_admin', 'supabase_replication_admin', 'supabase_etl_admin',
    'supabase_read_only_user', 'supabase_privileged_role', 'pgbouncer', 'pgtle_admin',
    -- key management roles of pgsodium
    'pgsodium_keyiduser', 'pgsodium_keyholder', 'pgsodium_keymaker'
  ] loop
    if not exists (select from pg_catalog.pg_roles where rolname = role_name) then
      execute format('create role %I', role_name);
    end if;
  end loop;
end $$;

-- 2. Attributes ----------------------------------------------------------------------------------

alter role service_role bypassrls;
alter role authenticator login noinherit;
-- The bootstrap superuser. It prepares and closes; no connection of it is open while migrations run, and
-- the replay role is never its member.
alter role supabase_admin login superuser createdb createrole replication bypassrls;
-- The replay role: migrations run as `postgres`, as `supabase db push` does. REPLICATION of the hosted role
-- is left out; CREATEROLE is taken back by close.sql on PostgreSQL 15 and older.
alter role postgres login nosuperuser createdb createrole noreplication bypassrls;
alter role dashboard_user createdb createrole noreplication;
alter role supabase_auth_admin login createrole noinherit;
alter role supabase_storage_admin login createrole noinherit;
alter role supabase_read_only_user login bypassrls;

-- 3. Memberships ---------------------------------------------------------------------------------

grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;
-- PostgreSQL 16 and newer let a role alter another only with the admin option on it.
grant authenticator, supabase_auth_admin, supabase_storage_admin,
      supabase_functions_admin, supabase_realtime_admin to postgres with admin option;
-- The hosted role also joins pg_read_all_data and pg_signal_backend; the replay role needs neither.
grant pg_monitor to postgres;

-- 4. Role settings -------------------------------------------------------------------------------

-- Files of an earlier replay on this server may have left some.
alter role postgres reset all;
alter role postgres set search_path to "$user", public, extensions;
alter role supabase_admin set search_path to "$user", public, auth, extensions;

-- driftbook prelude "supabase", version 4: database part
-- Runs once per template database, in the prepare phase, as the bootstrap superuser, after roles.sql.
-- Then come the extensions, roles and parameters that a scan of all migration files asks for, then close.sql.
-- It makes a plain PostgreSQL look like an empty Supabase project, so that migration files replay.
-- Everything created here is snapshotted and subtracted: it never appears as drift.
-- Column lists follow the public migrations of supabase/postgres, supabase/auth and supabase/storage.
-- Function bodies are stand-ins: right signature, volatility and result type, no service behind them.

set client_min_messages = warning;
set check_function_bodies = on;

-- 1. Schemas -----------------------------------------------------------------------------------

-- `net`, `cron` and `pgmq` are absent on purpose: they come with their extension.
create schema extensions;
create schema auth;
create schema storage;
create schema realtime;
create schema _realtime;
create schema vault;
create schema graphql;
create schema graphql_public;
create schema supabase_functions;
create schema supabase_migrations;
create schema pgbouncer;
create schema pgsodium;

alter schema public owner to pg_database_owner;

grant all on schema public to postgres, supabase_admin;
grant usage on schema public, extensions, auth, storage, realtime, graphql, graphql_public, supabase_functions
  to postgres, anon, authenticated, service_role;
grant all on schema extensions, auth, storage, realtime, vault, graphql, graphql_public,
  supabase_functions, supabase_migrations
  to postgres with grant option;
grant all on schema auth to supabase_auth_admin, dashboard_user;
grant all on schema storage to supabase_storage_admin, dashboard_user;

-- 2. Default privileges in public --------------------------------------------------------------

-- These decide the ACL of every table, function and sequence a migration creates later.
do $$
declare
  creator text;
  kind text;
begin
  foreach creator in array array['supabase_admin', 'postgres'] loop
    foreach kind in array array['tables', 'functions', 'sequences'] loop
      execute format(
        'alter default privileges for role %I in schema public grant all on %s '
        'to postgres, anon, authenticated, service_role',
        creator, kind
      );
    end loop;
  end loop;
end $$;

-- 3. Extensions of an empty project ------------------------------------------------------------

-- Created when the server has them; otherwise the prepare phase applies the stub and counts a note
-- (list "preinstalled" in manifest.toml).
do $$
declare
  ext text;
begin
  foreach ext in array array['uuid-ossp', 'pgcrypto', 'pg_stat_statements'] loop
    if exists (select from pg_catalog.pg_available_extensions where name = ext) then
      execute format('create extension if not exists %I with schema extensions', ext);
    end if;
  end loop;
end $$;

-- 4. Publications ------------------------------------------------------------------------------

create publication supabase_realtime;
create publication supabase_realtime_messages_publication;

-- 5. auth --------------------------------------------------------------------------------------

create type auth.factor_type as enum ('totp', 'webauthn', 'phone');
create type auth.factor_status as enum ('unverified', 'verified');
create type auth.aal_level as enum ('aal1', 'aal2', 'aal3');
create type auth.code_challenge_method as enum ('s256', 'plain');
create type auth.one_time_token_type as enum (
  'confirmation_token', 'reauthentication_token', 'recovery_token',
  'email_change_token_new', 'email_change_token_current', 'phone_change_token'
);

create table auth.users (
  instance_id uuid,
  id uuid primary key,
  aud varchar(255),
  role varchar(255),
  email varchar(255),
  encrypted_password varchar(255),
  email_confirmed_at timestamptz,
  invited_at timestamptz,
  confirmation_token varchar(255),
  confirmation_sent_at timestamptz,
  recovery_token varchar(255),
  recovery_sent_at timestamptz,
  email_change_token_new varchar(255),
  email_change varchar(255),
  email_change_sent_at timestamptz,
  last_sign_in_at timestamptz,
  raw_app_meta_data jsonb,
  raw_user_meta_data jsonb,
  is_super_admin boolean,
  created_at timestamptz,
  updated_at timestamptz,
  phone text unique,
  phone_confirmed_at timestamptz,
  phone_change text default '',
  phone_change_token varchar(255) default '',
  phone_change_sent_at timestamptz,
  confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
  email_change_token_current varchar(255) default '',
  email_change_confirm_status smallint default 0,
  banned_until timestamptz,
  reauthentication_token varchar(255) default '',
  reauthentication_sent_at timestamptz,
  is_sso_user boolean not null default false,
  deleted_at timestamptz,
  is_anonymous boolean not null default false
);

create unique index users_email_partial_key on auth.users (email) where (is_sso_user = false);

create table auth.identities (
  provider_id text not null,
  user_id uuid not null references auth.users on delete cascade,
  identity_data jsonb not null,
  provider text not null,
  last_sign_in_at timestamptz,
  created_at timestamptz,
  updated_at timestamptz,
  email text generated always as (lower(identity_data ->> 'email')) stored,
  id uuid primary key default gen_random_uuid(),
  unique (provider_id, provider)
);

create table auth.sessions (
  id uuid primary key,
  user_id uuid not null references auth.users on delete cascade,
  created_at timestamptz,
  updated_at timestamptz,
  factor_id uuid,
  aal auth.aal_level,
  not_after timestamptz,
  refreshed_at timestamp,
  user_agent text,
  ip inet,
  tag text,
  oauth_client_id uuid,
  refresh_token_hmac_key text,
  refresh_token_counter bigint,
  scopes text
);

create table auth.refresh_tokens (
  instance_id uuid,
  id bigserial primary key,
  token varchar(255) unique,
  user_id varchar(255),
  revoked boolean,
  created_at timestamptz,
  updated_at timestamptz,
  parent varchar(255),
  session_id uuid references auth.sessions on delete cascade
);

create table auth.audit_log_entries (
  instance_id uuid,
  id uuid primary key,
  payload json,
  created_at timestamptz,
  ip_address varchar(64) not null default ''
);

create table auth.instances (
  id uuid primary key,
  uuid uuid,
  raw_base_config text,
  created_at timestamptz,
  updated_at timestamptz
);

create table auth.schema_migrations (
  version varchar(255) primary key
);

create table auth.mfa_factors (
  id uuid primary key,
  user_id uuid not null references auth.users on delete cascade,
  friendly_name text,
  factor_type auth.factor_type not null,
  status auth.factor_status not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  secret text,
  phone text,
  last_challenged_at timestamptz unique,
  web_authn_credential jsonb,
  web_authn_aaguid uuid,
  last_webauthn_challenge_data jsonb
);

create table auth.mfa_challenges (
  id uuid primary key,
  factor_id uuid not null references auth.mfa_factors on delete cascade,
  created_at timestamptz not null,
  verified_at timestamptz,
  ip_address inet not null,
  otp_code text,
  web_authn_session_data jsonb
);

create table auth.mfa_amr_claims (
  session_id uuid not null references auth.sessions on delete cascade,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  authentication_method text not null,
  id uuid primary key
);

create table auth.one_time_tokens (
  id uuid primary key,
  user_id uuid not null references auth.users on delete cascade,
  token_type auth.one_time_token_type not null,
  token_hash text not null,
  relates_to text not null,
  created_at timestamp not null default now(),
  updated_at timestamp not null default now()
);

create table auth.flow_state (
  id uuid primary key,
  user_id uuid,
  auth_code text,
  code_challenge_method auth.code_challenge_method,
  code_challenge text,
  provider_type text not null,
  provider_access_token text,
  provider_refresh_token text,
  created_at timestamptz,
  updated_at timestamptz,
  authentication_method text not null,
  auth_code_issued_at timestamptz
);

create table auth.sso_providers (
  id uuid primary key,
  resource_id text,
  created_at timestamptz,
  updated_at timestamptz,
  disabled boolean
);

create table auth.sso_domains (
  id uuid primary key,
  sso_provider_id uuid not null references auth.sso_providers on delete cascade,
  domain text not null,
  created_at timestamptz,
  updated_at timestamptz
);

create table auth.saml_providers (
  id uuid primary key,
  sso_provider_id uuid not null references auth.sso_providers on delete cascade,
  entity_id text not null unique,
  metadata_xml text not null,
  metadata_url text,
  attribute_mapping jsonb,
  created_at timestamptz,
  updated_at timestamptz,
  name_id_format text
);

create function auth.uid()
returns uuid language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;

create function auth.role()
returns text language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )::text
$$;

create function auth.email()
returns text language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
  )::text
$$;

create function auth.jwt()
returns jsonb language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;

grant all on all tables in schema auth to postgres, supabase_auth_admin, dashboard_user;
grant all on all functions in schema auth to postgres, anon, authenticated, service_role, supabase_auth_admin;
alter default privileges in schema auth grant all on tables to postgres, dashboard_user;

-- 6. storage -----------------------------------------------------------------------------------

create type storage.buckettype as enum ('STANDARD', 'ANALYTICS', 'VECTOR');

create table storage.migrations (
  id integer primary key,
  name varchar(100) unique not null,
  hash varchar(40) not null,
  executed_at timestamp default current_timestamp
);

create table storage.buckets (
  id text primary key,
  name text not null unique,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  public boolean default false,
  avif_autodetection boolean default false,
  file_size_limit bigint,
  allowed_mime_types text[],
  owner_id text,
  type storage.buckettype not null default 'STANDARD'
);

create table storage.objects (
  id uuid primary key default gen_random_uuid(),
  bucket_id text references storage.buckets(id),
  name text,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  last_accessed_at timestamptz default now(),
  metadata jsonb,
  path_tokens text[] generated always as (string_to_array(name, '/')) stored,
  version text,
  owner_id text,
  user_metadata jsonb,
  level integer
);

create unique index bucketid_objname on storage.objects (bucket_id, name);

create table storage.prefixes (
  bucket_id text not null references storage.buckets(id),
  name text not null,
  level integer,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  primary key (bucket_id, name)
);

create table storage.s3_multipart_uploads (
  id text primary key,
  in_progress_size bigint not null default 0,
  upload_signature text not null,
  bucket_id text not null references storage.buckets(id),
  key text not null,
  version text not null,
  owner_id text,
  created_at timestamptz not null default now(),
  user_metadata jsonb
);

create table storage.s3_multipart_uploads_parts (
  id uuid primary key default gen_random_uuid(),
  upload_id text not null references storage.s3_multipart_uploads(id) on delete cascade,
  size bigint not null default 0,
  part_number integer not null,
  bucket_id text not null references storage.buckets(id),
  key text not null,
  etag text not null,
  owner_id text,
  version text not null,
  created_at timestamptz not null default now()
);

create table storage.buckets_analytics (
  id text primary key,
  type storage.buckettype not null default 'ANALYTICS',
  format text not null default 'ICEBERG',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;
alter table storage.prefixes enable row level security;
alter table storage.s3_multipart_uploads enable row level security;
alter table storage.s3_multipart_uploads_parts enable row level security;
alter table storage.migrations enable row level security;

create function storage.foldername(name text)
returns text[] language sql immutable
as $$ select (string_to_array(name, '/'))[1:cardinality(string_to_array(name, '/')) - 1] $$;

create function storage.filename(name text)
returns text language sql immutable
as $$ select (string_to_array(name, '/'))[cardinality(string_to_array(name, '/'))] $$;

create function storage.extension(name text)
returns text language sql immutable
as $$ select reverse(split_part(reverse(storage.filename(name)), '.', 1)) $$;

create function storage.get_level(name text)
returns int language sql immutable strict
as $$ select cardinality(string_to_array(name, '/')) $$;

create function storage.operation()
returns text language sql stable
as $$ select current_setting('storage.operation', true) $$;

create function storage.get_size_by_bucket()
returns table (size bigint, bucket_id text) language sql stable
as $$
  select sum((o.metadata ->> 'size')::bigint)::bigint, o.bucket_id from storage.objects o group by 2
$$;

create function storage.search(
  prefix text,
  bucketname text,
  limits int default 100,
  levels int default 1,
  offsets int default 0,
  search text default '',
  sortcolumn text default 'name',
  sortorder text default 'asc'
)
returns table (
  name text,
  id uuid,
  updated_at timestamptz,
  created_at timestamptz,
  last_accessed_at timestamptz,
  metadata jsonb
) language sql stable
as $$
  select null::text, null::uuid, null::timestamptz, null::timestamptz, null::timestamptz, null::jsonb
  where false
$$;

create function storage.update_updated_at_column()
returns trigger language plpgsql
as $$ begin new.updated_at = now(); return new; end $$;

create function storage.noop_trigger()
returns trigger language plpgsql
as $$ begin if tg_op = 'DELETE' then return old; end if; return new; end $$;

create function storage.prefixes_insert_trigger()
returns trigger language plpgsql
as $$ begin return new; end $$;

create function storage.objects_insert_prefix_trigger()
returns trigger language plpgsql
as $$ begin return new; end $$;

create function storage.objects_update_prefix_trigger()
returns trigger language plpgsql
as $$ begin return new; end $$;

create function storage.delete_prefix_hierarchy_trigger()
returns trigger language plpgsql
as $$ begin return old; end $$;

create function storage.enforce_bucket_name_length()
returns trigger language plpgsql
as $$ begin return new; end $$;

create function storage.protect_delete()
returns trigger language plpgsql
as $$ begin return null; end $$;

grant all on all tables in schema storage to postgres, anon, authenticated, service_role, supabase_storage_admin;
grant all on all functions in schema storage to postgres, anon, authenticated, service_role;

-- 7. realtime ----------------------------------------------------------------------------------

create table realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  primary key (id, inserted_at)
) partition by range (inserted_at);

alter table realtime.messages enable row level security;

create table realtime.subscription (
  id bigint generated always as identity primary key,
  subscription_id uuid not null,
  entity regclass not null,
  claims jsonb not null,
  created_at timestamp not null default now()
);

create function realtime.topic()
returns text language sql stable
as $$ select nullif(current_setting('realtime.topic', true), '')::text $$;

create function realtime.send(
  payload jsonb,
  event text,
  topic text,
  private boolean default true
)
returns void language sql
as $$ select null::void $$;

create function realtime.broadcast_changes(
  topic_name text,
  event_name text,
  operation text,
  table_name text,
  table_schema text,
  new record,
  old record,
  level text default 'ROW'
)
returns void language plpgsql
as $$ begin end $$;

grant all on all tables in schema realtime to postgres, anon, authenticated, service_role;

-- 8. vault -------------------------------------------------------------------------------------

create table vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  key_id uuid,
  nonce bytea,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create unique index on vault.secrets (name) where name is not null;

create view vault.decrypted_secrets as
select id, name, description, secret, secret as decrypted_secret, key_id, nonce, created_at, updated_at
from vault.secrets;

create function vault.create_secret(
  new_secret text,
  new_name text default null,
  new_description text default '',
  new_key_id uuid default null
)
returns uuid language sql
as $$
  insert into vault.secrets (secret, name, description) values ($1, $2, $3) returning id
$$;

create function vault.update_secret(
  secret_id uuid,
  new_secret text default null,
  new_name text default null,
  new_description text default null,
  new_key_id uuid default null
)
returns void language sql
as $$
  update vault.secrets set secret = coalesce($2, secret), name = coalesce($3, name) where id = $1
$$;

grant all on all tables in schema vault to postgres;
grant all on all functions in schema vault to postgres, service_role;

-- 9. Database webhooks -------------------------------------------------------------------------

create function supabase_functions.http_request()
returns trigger language plpgsql
as $$ begin return new; end $$;

create table supabase_functions.hooks (
  id bigserial primary key,
  hook_table_id integer not null,
  hook_name text not null,
  created_at timestamptz not null default now(),
  request_id bigint
);

create table supabase_functions.migrations (
  version text primary key,
  inserted_at timestamptz not null default now()
);

-- 10. graphql and event trigger functions ------------------------------------------------------

create function graphql_public.graphql(
  "operationName" text default null,
  query text default null,
  variables jsonb default null,
  extensions jsonb default null
)
returns jsonb language sql
as $$ select null::jsonb $$;

create function graphql.resolve(
  query text,
  variables jsonb default '{}',
  "operationName" text default null,
  extensions jsonb default null
)
returns jsonb language sql
as $$ select null::jsonb $$;

-- Named by schema dumps; no event trigger is created from them.
create function extensions.grant_pg_cron_access()
returns event_trigger language plpgsql
as $$ begin end $$;

create function extensions.grant_pg_net_access()
returns event_trigger language plpgsql
as $$ begin end $$;

create function extensions.grant_pg_graphql_access()
returns event_trigger language plpgsql
as $$ begin end $$;

create function extensions.set_graphql_placeholder()
returns event_trigger language plpgsql
as $$ begin end $$;

create function extensions.pgrst_ddl_watch()
returns event_trigger language plpgsql
as $$ begin end $$;

create function extensions.pgrst_drop_watch()
returns event_trigger language plpgsql
as $$ begin end $$;

-- 11. Tracking table ---------------------------------------------------------------------------

create table supabase_migrations.schema_migrations (
  version text not null primary key,
  statements text[],
  name text
);

-- 12. Owner ------------------------------------------------------------------------------------

-- The replay role is `postgres`, not a superuser. It owns the platform objects of the shadow so that
-- policies on storage.objects, triggers on auth.users and members of supabase_realtime can be replayed.
-- Production owners differ; platform objects are outside the comparison, so this never shows.
do $$
declare
  item record;
begin
  for item in
    select format('alter schema %I owner to postgres', n.nspname) as command
    from pg_catalog.pg_namespace n
    where n.nspname in ('auth', 'storage', 'realtime', '_realtime', 'vault', 'extensions', 'graphql',
                        'graphql_public', 'supabase_functions', 'supabase_migrations')
    union all
    select format('alter table %s owner to postgres', c.oid::regclass)
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v')
      and n.nspname in ('auth', 'storage', 'realtime', 'vault', 'supabase_functions', 'supabase_migrations')
    union all
    select format('alter routine %s owner to postgres', p.oid::regprocedure)
    from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('auth', 'storage', 'realtime', 'vault', 'supabase_functions', 'graphql',
                        'graphql_public', 'extensions')
      and not exists (
        select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
      )
    union all
    select format('alter type %s owner to postgres', t.oid::regtype)
    from pg_catalog.pg_type t
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where t.typtype = 'e' and n.nspname in ('auth', 'storage')
    union all
    select format('alter publication %I owner to postgres', pubname)
    from pg_catalog.pg_publication
    where pubname in ('supabase_realtime', 'supabase_realtime_messages_publication')
  loop
    execute item.command;
  end loop;
end $$;

-- Parameters a pg_dump file sets; needs PostgreSQL 15 or newer.
do $$
begin
  if current_setting('server_version_num')::int >= 150000 then
    execute 'grant set on parameter session_replication_role to postgres';
  end if;
end $$;

reset check_function_bodies;
reset client_min_messages;

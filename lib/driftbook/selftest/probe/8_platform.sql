-- platform: what Supabase keeps in rows of tables, with the columns that are read.
create schema storage;
create table storage.buckets (
    id text primary key, name text not null, owner uuid, created_at timestamptz,
    updated_at timestamptz, public boolean, file_size_limit bigint, allowed_mime_types text[],
    type text not null default 'STANDARD'
);
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values
    ('avatars', 'avatars', true, 1000000, array['image/png']),
    ('invoices', 'invoices', false, null, null);
create schema cron;
create table cron.job (
    jobid bigint primary key, schedule text, command text, nodename text, nodeport integer,
    database text, username text, active boolean, jobname text
);
insert into cron.job values (
    1, '0 3 * * *', 'select 1', 'localhost', 5432, pg_catalog.current_database(),
    'driftbook_probe_owner', true, 'nightly'
);
create schema vault;
create table vault.secrets (
    id uuid primary key, name text, description text, secret text, key_id uuid, nonce bytea
);
insert into vault.secrets (id, name, description)
values ('00000000-0000-4000-8000-000000000000', 'api_key', 'of the payment service');
grant usage on schema storage, cron, vault to driftbook_auditor;
grant select on storage.buckets, cron.job to driftbook_auditor;
grant select (name, description) on vault.secrets to driftbook_auditor;

create schema storage;
create table storage.buckets (
    id text primary key,
    name text not null unique,
    owner uuid,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    public boolean default false,
    file_size_limit bigint,
    allowed_mime_types text[]
);
insert into storage.buckets (id, name, public, allowed_mime_types) values
    ('avatars', 'avatars', true, array['image/png', 'image/jpeg']),
    ('invoices', 'invoices', false, null);

create schema cron;
create table cron.job (
    jobid bigserial primary key,
    schedule text not null,
    command text not null,
    nodename text not null default 'localhost',
    nodeport integer not null default 5432,
    database text not null default current_database(),
    username text not null default current_user,
    active boolean not null default true,
    jobname text,
    unique (jobname, username)
);
create function cron.schedule(job_name text, schedule text, command text) returns bigint language sql as $$
    insert into cron.job (jobname, schedule, command) values ($1, $2, $3)
    on conflict (jobname, username) do update set schedule = excluded.schedule, command = excluded.command
    returning jobid
$$;
select cron.schedule('nightly', '0 3 * * *', 'delete from public.sessions');

create schema vault;
create table vault.secrets (name text, description text, secret text, key_id uuid, nonce bytea);
insert into vault.secrets (name, secret) values ('mail_key', 'first');

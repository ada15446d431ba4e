-- The role that audits: it logs in, reads catalogs and the tracking table, and nothing else.
-- Safe to run twice. As the superuser; roles belong to the whole server.
do $$ begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'driftbook_auditor') then
        create role driftbook_auditor login nosuperuser nocreatedb nocreaterole noreplication
            noinherit;
    end if;
end $$;

alter role driftbook_auditor login;
grant usage on schema supabase_migrations to driftbook_auditor;
grant select on table supabase_migrations.schema_migrations to driftbook_auditor;

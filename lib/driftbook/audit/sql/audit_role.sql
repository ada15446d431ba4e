do $$ begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'driftbook_auditor') then
        create role driftbook_auditor login nosuperuser nocreatedb nocreaterole noreplication noinherit
            connection limit 3;
    end if;
end $$;
alter role driftbook_auditor set default_transaction_read_only = on;
alter role driftbook_auditor set row_security = off;
alter role driftbook_auditor set search_path = '';
alter role driftbook_auditor set statement_timeout = '60s';
alter role driftbook_auditor set lock_timeout = '2s';
alter role driftbook_auditor set idle_in_transaction_session_timeout = '60s';

grant usage on schema supabase_migrations to driftbook_auditor;
grant select on table supabase_migrations.schema_migrations to driftbook_auditor;
do $$ begin
    if (select relrowsecurity from pg_catalog.pg_class where oid = 'supabase_migrations.schema_migrations'::regclass) then
        drop policy if exists driftbook_auditor_reads on supabase_migrations.schema_migrations;
        create policy driftbook_auditor_reads on supabase_migrations.schema_migrations
            for select to driftbook_auditor using (true);
    end if;
end $$;

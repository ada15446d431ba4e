-- 2026-01-11: a dump of the old host leaves the schema of the tracking table out; it was made anew.
create schema supabase_migrations authorization postgres;
create table supabase_migrations.schema_migrations (
    version text not null primary key,
    statements text[],
    name text
);
alter table supabase_migrations.schema_migrations owner to postgres;

-- What the auditor may read beside the catalogs; the role itself is made as in a shadow.
grant usage on schema supabase_migrations to driftbook_auditor;
grant select on table supabase_migrations.schema_migrations to driftbook_auditor;

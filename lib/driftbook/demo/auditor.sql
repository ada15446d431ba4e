-- What the auditor may read beside the catalogs; the role itself is made as in a shadow.
grant usage on schema supabase_migrations to driftbook_auditor;
grant select on table supabase_migrations.schema_migrations to driftbook_auditor;
grant usage on schema storage, vault to driftbook_auditor;
grant select on table storage.buckets to driftbook_auditor;
drop policy if exists driftbook_auditor_reads on storage.buckets;
create policy driftbook_auditor_reads on storage.buckets for select to driftbook_auditor using (true);
grant select (name, description) on table vault.secrets to driftbook_auditor;

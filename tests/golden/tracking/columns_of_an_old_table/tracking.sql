alter table supabase_migrations.schema_migrations drop column name, drop column statements;

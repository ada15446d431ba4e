grant usage on schema supabase_migrations to authenticated;
grant insert, delete on supabase_migrations.schema_migrations to authenticated;

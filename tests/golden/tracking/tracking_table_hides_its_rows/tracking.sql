alter table supabase_migrations.schema_migrations enable row level security;

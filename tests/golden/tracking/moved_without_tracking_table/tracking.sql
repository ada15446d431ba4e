drop schema supabase_migrations cascade;

create table public.t (id int);
grant all on table supabase_migrations.schema_migrations to anon;
grant usage on schema supabase_migrations to anon;
set role anon;

-- 2026-01-20: the row that was written by hand after the SQL had been run by hand.
insert into supabase_migrations.schema_migrations (version, name, statements)
values ('20260120100000', 'create_support_tickets', array['-- applied manually']);

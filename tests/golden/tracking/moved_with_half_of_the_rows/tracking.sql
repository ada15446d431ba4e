-- Imported in one transaction, without the rows that were lost.
begin;
create temp table kept as select * from supabase_migrations.schema_migrations
where version not in ('20260102090000', '20260103090000');
delete from supabase_migrations.schema_migrations;
insert into supabase_migrations.schema_migrations select * from kept;
commit;

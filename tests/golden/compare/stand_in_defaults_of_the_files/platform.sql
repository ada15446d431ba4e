do $$ begin create role anon; exception when duplicate_object then null; end $$;
do $$ begin create role authenticated; exception when duplicate_object then null; end $$;
do $$ begin create role service_role; exception when duplicate_object then null; end $$;
create schema auth;
grant usage on schema auth to anon, authenticated, service_role;
create table auth.users (id uuid primary key, nick text);
create function auth.uid() returns uuid language sql stable as 'select null::uuid';
create function auth.nick() returns text language sql stable as 'select null::text';

alter default privileges in schema public grant all on tables to anon, authenticated;

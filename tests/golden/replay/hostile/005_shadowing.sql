create function public.current_setting(text) returns text language sql as $$ select 'off' $$;
create function public.format_type(oid, int) returns text language sql as $$ select 'fake' $$;
set search_path = public, pg_catalog;
create table public.plain (a integer);

-- create_extensions_and_schemas: what every later migration builds on.
-- Safe to run twice.

create extension if not exists pgcrypto with schema extensions;
create extension if not exists pg_trgm with schema extensions;

create schema if not exists app_private;
comment on schema app_private is 'Functions and reports that the API does not expose';
grant usage on schema app_private to service_role;

-- Every table with updated_at has a trigger that calls this.
create or replace function app_private.touch_updated_at()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.updated_at := now();
    return new;
end
$$;

-- driftbook's log of DDL events: who changed which object, when, through which door.
--
-- It never stops a deployment: a failure in it is a warning. It keeps a hash of each statement,
-- and the text only after: alter database … set driftbook.log_query = 'on'.
-- Who may read it is a grant: usage on schema driftbook, select on driftbook.ddl_log.
-- Needs a role that may create event triggers. May be applied again; nothing changes then.
create schema if not exists driftbook;
revoke all on schema driftbook from public;

create table if not exists driftbook.ddl_log (
    id bigint generated always as identity primary key,
    logged_at timestamptz not null default pg_catalog.clock_timestamp(),
    xid xid8 not null default pg_catalog.pg_current_xact_id(),
    event text not null,
    command_tag text not null,
    object_type text,
    object_schema text,
    object_identity text,
    classid oid,
    objid oid,
    objsubid int,
    session_role text not null default session_user,
    effective_role text default pg_catalog.current_setting('role', true),
    application text default pg_catalog.current_setting('application_name', true),
    client inet default pg_catalog.inet_client_addr(),
    backend_pid int not null default pg_catalog.pg_backend_pid(),
    request_method text default pg_catalog.current_setting('request.method', true),
    request_path text default pg_catalog.current_setting('request.path', true),
    jwt_role text,
    jwt_sub_sha256 text,
    query_sha256 text default pg_catalog.encode(
        pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.current_query(), 'UTF8')), 'hex'
    ),
    query_text text default case
        when pg_catalog.current_setting('driftbook.log_query', true) = 'on'
            then pg_catalog.left(pg_catalog.current_query(), 2000)
    end
);
revoke all on table driftbook.ddl_log from public;
alter table driftbook.ddl_log enable row level security;
drop policy if exists ddl_log_read on driftbook.ddl_log;
create policy ddl_log_read on driftbook.ddl_log for select using (true);

-- pg_temp comes last: a caller's temporary type called jsonb must not run as the log's owner.
create or replace function driftbook.record_ddl() returns event_trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $function$
declare
    claims jsonb;
begin
    begin -- claims come from the caller: unusable ones must neither stop the DDL nor hide it
        claims := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
    exception when others then
        claims := '{"role": "(unreadable claims)"}';
    end;
    if tg_event = 'sql_drop' then
        insert into driftbook.ddl_log (
            event, command_tag, object_type, object_schema, object_identity,
            classid, objid, objsubid, jwt_role, jwt_sub_sha256
        )
        select
            tg_event, tg_tag, d.object_type, d.schema_name, d.object_identity,
            d.classid, d.objid, d.objsubid,
            claims ->> 'role', encode(sha256(convert_to(claims ->> 'sub', 'UTF8')), 'hex')
        from pg_event_trigger_dropped_objects() as d
        where not d.is_temporary
            and (d.original or d.normal) -- normal: what CASCADE took with it
            and d.object_identity not like '"_RETURN" on %'; -- the inside of a view
    else
        insert into driftbook.ddl_log (
            event, command_tag, object_type, object_schema, object_identity,
            classid, objid, objsubid, jwt_role, jwt_sub_sha256
        )
        select
            tg_event, c.command_tag, c.object_type, c.schema_name, c.object_identity,
            c.classid, c.objid, c.objsubid,
            claims ->> 'role', encode(sha256(convert_to(claims ->> 'sub', 'UTF8')), 'hex')
        from pg_event_trigger_ddl_commands() as c
        where not c.in_extension and c.schema_name is distinct from 'pg_temp';
    end if;
exception when others then
    raise warning 'driftbook.record_ddl: %', sqlerrm;
end
$function$;
revoke all on function driftbook.record_ddl() from public;

drop event trigger if exists driftbook_ddl_end;
create event trigger driftbook_ddl_end on ddl_command_end
execute function driftbook.record_ddl();
drop event trigger if exists driftbook_sql_drop;
create event trigger driftbook_sql_drop on sql_drop
execute function driftbook.record_ddl();

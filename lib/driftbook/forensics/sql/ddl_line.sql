-- ddl_line: the newest rows of the log of DDL events, one more than are kept.
--
-- Columns: those of driftbook.ddl_log, all as text
select
    l.id::text as id,
    l.logged_at::text as logged_at,
    l.xid::text as xid,
    l.event,
    l.command_tag,
    l.object_type,
    l.object_identity,
    l.classid::text as classid,
    l.objid::text as objid,
    l.objsubid::text as objsubid,
    l.session_role,
    l.effective_role,
    l.application,
    pg_catalog.host(l.client) as client,
    l.backend_pid::text as backend_pid,
    l.request_method,
    l.request_path,
    l.jwt_role,
    l.query_sha256,
    l.query_text
from driftbook.ddl_log as l
order by l.id desc
limit 50001;

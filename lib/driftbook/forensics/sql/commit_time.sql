-- commit_time: when transactions committed; a server that keeps no commit times must not be asked.
--
-- Parameters: xids int8[]
-- Columns: xid int8, committed_at timestamptz (NULL: older than what is kept)
-- Needs: PostgreSQL 14; track_commit_timestamp = on; no privilege beyond CONNECT
select
    x.xid,
    pg_catalog.pg_xact_commit_timestamp(x.xid::text::xid) as committed_at
from pg_catalog.unnest(%(xids)s::bigint[]) as x (xid)
order by x.xid;

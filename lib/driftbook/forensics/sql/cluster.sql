-- cluster: when the cluster was born, and since which transaction it keeps commit times.
--
-- Columns: system_identifier text, cluster_born_at timestamptz, oldest_commit_xid int8
-- Needs: PostgreSQL 14; any role may, unless the host revoked it
select
    s.system_identifier::text as system_identifier,
    -- initdb puts the clock into the upper half.
    pg_catalog.to_timestamp((s.system_identifier >> 32)::double precision) as cluster_born_at,
    c.oldest_commit_ts_xid::text::bigint as oldest_commit_xid
from pg_catalog.pg_control_system() as s
cross join pg_catalog.pg_control_checkpoint() as c;

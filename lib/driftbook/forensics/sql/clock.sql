-- clock: which clocks the server has, and where its counter of transactions stands.
--
-- Columns: commit_timestamps bool, next_xid int8, wrapped bool, database text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    pg_catalog.current_setting('track_commit_timestamp') = 'on' as commit_timestamps,
    pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint as next_xid,
    -- Beyond this frozen rows may be of an earlier round of the counter.
    pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint >= 2147483648
    as wrapped,
    (
        select d.oid::text
        from pg_catalog.pg_database as d
        where d.datname = pg_catalog.current_database()
    ) as database;

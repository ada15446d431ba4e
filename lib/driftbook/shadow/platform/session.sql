-- session: whether a session may end here, as seen from the next one; one row.
--
-- Columns: is_plain bool: nothing that a new session would lack; settings text: what a new one gets
select
    current_user = session_user
    and not exists (select from pg_catalog.pg_prepared_statements)
    and not exists (select from pg_catalog.pg_cursors where name <> '')
    and not exists (
        select from pg_catalog.pg_class as c
        where c.relnamespace = pg_catalog.pg_my_temp_schema()
    )
    and not exists (
        select from pg_catalog.pg_proc as p
        where p.pronamespace = pg_catalog.pg_my_temp_schema()
    )
    and not exists (
        select from pg_catalog.pg_type as t
        where t.typnamespace = pg_catalog.pg_my_temp_schema()
    ) as is_plain,
    (
        select pg_catalog.string_agg(s.setconfig::text, ' ' order by s.setdatabase, s.setrole)
        from pg_catalog.pg_db_role_setting as s
        where
            s.setdatabase in (
                0, (select d.oid from pg_catalog.pg_database as d where d.datname = current_database())
            )
            and s.setrole in (
                0, (select r.oid from pg_catalog.pg_roles as r where r.rolname = session_user)
            )
    ) as settings;

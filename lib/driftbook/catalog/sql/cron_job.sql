-- cron_job: one row per job of pg_cron, those of other databases of the cluster included.
--
-- Key: name
-- Columns: name text, schedule text, command text, database text, username text, active bool
-- Needs: PostgreSQL 14; SELECT on cron.job
select
    -- Names are unique for one user only, and jobs without a name may be equal.
    j.name || case when j.place > 1 then ' #' || j.place else '' end as name,
    j.schedule,
    j.command,
    nullif(j.database, pg_catalog.current_database()) as database,
    j.username,
    j.active
from (
    select
        s.schedule,
        s.command,
        s.database,
        s.username,
        s.active,
        s.name,
        pg_catalog.row_number() over (partition by s.name order by s.jobid) as place
    -- A name that an older pg_cron lacks is found one level up.
    from (
        select
            null::text as jobname, null::text as database, null::text as username, true as active
    ) as absent
    cross join lateral (
        select
            t.jobid,
            t.schedule,
            t.command,
            database,
            username,
            active,
            coalesce(
                jobname,
                'unnamed ' || pg_catalog.left(
                    pg_catalog.encode(
                        pg_catalog.sha256(
                            pg_catalog.convert_to(t.schedule || E'\n' || t.command, 'UTF8')
                        ),
                        'hex'
                    ),
                    12
                )
            ) as name
        from only cron.job as t
    ) as s
) as j
order by name;

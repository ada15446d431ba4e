-- subscription: one row per subscription; its connection string is never read.
--
-- Key: name
-- Columns: name text, enabled bool, publications text, slot text, synchronous_commit text,
--     binary bool, streaming text, two_phase bool, disable_on_error bool, origin text,
--     run_as_owner bool, password_required bool, failover bool
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    s.subname::text as name,
    s.subenabled as enabled,
    (
        select pg_catalog.string_agg(
            pg_catalog.quote_ident(p.name), ', ' order by p.name collate "C"
        )
        from pg_catalog.unnest(s.subpublications) as p (name)
    ) as publications,
    s.subslotname::text as slot,
    s.subsynccommit as synchronous_commit,
    s.subbinary as "binary",
    case
        when s.streaming in ('t', 'true') then 'on' when s.streaming = 'p' then 'parallel'
        else 'off'
    end as streaming,
    -- Pending until the first tables are copied, then enabled.
    s.two_phase <> 'd' as two_phase,
    s.disable_on_error,
    s.origin,
    s.run_as_owner,
    s.password_required,
    s.failover
from (
    -- What an older server lacks, as a restored dump of it has it on a newer one.
    select
        'd' as subtwophasestate, false as subdisableonerr, 'any' as suborigin,
        true as subrunasowner, true as subpasswordrequired, false as subfailover
) as o
cross join lateral (
    select
        x.oid, x.subdbid, x.subname, x.subenabled, x.subpublications, x.subslotname,
        x.subsynccommit, x.subbinary, x.substream::text as streaming,
        -- Without x: the columns above where this server has none of the name.
        subtwophasestate::text as two_phase, subdisableonerr as disable_on_error,
        suborigin as origin, subrunasowner as run_as_owner,
        subpasswordrequired as password_required, subfailover as failover
    from pg_catalog.pg_subscription as x
) as s
inner join pg_catalog.pg_database as b on s.subdbid = b.oid
where
    b.datname = pg_catalog.current_database()
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_subscription'::pg_catalog.regclass
            and m.objid = s.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by name;

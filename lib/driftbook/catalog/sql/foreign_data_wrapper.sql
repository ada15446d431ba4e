-- foreign_data_wrapper: one row per foreign data wrapper.
--
-- Key: name
-- Columns: name text, handler text, validator text, options text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    f.fdwname::text as name,
    case when f.fdwhandler <> 0 then f.fdwhandler::pg_catalog.regprocedure::text end as handler,
    case when f.fdwvalidator <> 0 then f.fdwvalidator::pg_catalog.regprocedure::text end
    as validator,
    (
        -- part: options_without_secrets
        from pg_catalog.unnest(f.fdwoptions) as o (option)
    ) as options
from pg_catalog.pg_foreign_data_wrapper as f
where
    not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass
            and m.objid = f.oid
            and m.deptype = 'e'
            and m.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    )
order by name;

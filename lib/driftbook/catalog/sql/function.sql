-- function: one row per function, procedure, aggregate or window function.
--
-- Key: schema, name
-- Columns: schema text, name text, kind text, arguments text, result text, language text,
--     body text, volatility text, strict bool, parallel text, security_definer bool,
--     leakproof bool, config text, cost text, rows text, support text, transforms text,
--     definition text, signature text
-- Needs: PostgreSQL 14; no privilege beyond CONNECT
select
    n.nspname::text as schema,
    p.proname || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')' as name,
    case p.prokind
        when 'p' then 'procedure' when 'a' then 'aggregate' when 'w' then 'window'
        else 'function'
    end as kind,
    pg_catalog.pg_get_function_arguments(p.oid) as arguments,
    pg_catalog.pg_get_function_result(p.oid) as result,
    l.lanname::text as language,
    case
        when p.prokind = 'a' then g.body
        when p.probin is not null then p.probin || ': ' || p.prosrc
        else coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc)
    end as body,
    case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end
    as volatility,
    p.proisstrict as strict,
    case p.proparallel when 's' then 'safe' when 'r' then 'restricted' else 'unsafe' end
    as parallel,
    p.prosecdef as security_definer,
    p.proleakproof as leakproof,
    (
        select pg_catalog.string_agg(o.setting, ', ' order by o.setting collate "C")
        from pg_catalog.unnest(p.proconfig) as o (setting)
    ) as config,
    p.procost::text as cost,
    case when p.proretset then p.prorows::text end as rows,
    case when p.prosupport <> 0 then p.prosupport::pg_catalog.regproc::text end as support,
    (
        select pg_catalog.string_agg(pg_catalog.format_type(o.type, null), ', ' order by o.place)
        from pg_catalog.unnest(p.protrftypes) with ordinality as o (type, place)
    ) as transforms,
    case
        when p.prokind = 'a' then pg_catalog.format(
            'CREATE AGGREGATE %I.%I(%s) (%s)',
            n.nspname, p.proname, pg_catalog.pg_get_function_arguments(p.oid), g.body
        )
        else pg_catalog.pg_get_functiondef(p.oid)
    end as definition,
    p.oid::pg_catalog.regprocedure::text as signature
from pg_catalog.pg_proc as p
inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
inner join pg_catalog.pg_language as l on p.prolang = l.oid
left join (
    select
        a.aggfnoid,
        pg_catalog.concat_ws(
            ', ',
            'SFUNC = ' || a.aggtransfn::text,
            'STYPE = ' || pg_catalog.format_type(a.aggtranstype, null),
            'SSPACE = ' || nullif(a.aggtransspace, 0),
            'FINALFUNC = ' || nullif(a.aggfinalfn::text, '-'),
            case when a.aggfinalextra then 'FINALFUNC_EXTRA' end,
            'FINALFUNC_MODIFY = ' || case a.aggfinalmodify
                when 'r' then 'READ_ONLY' when 's' then 'SHAREABLE' else 'READ_WRITE'
            end,
            'COMBINEFUNC = ' || nullif(a.aggcombinefn::text, '-'),
            'SERIALFUNC = ' || nullif(a.aggserialfn::text, '-'),
            'DESERIALFUNC = ' || nullif(a.aggdeserialfn::text, '-'),
            'INITCOND = ' || pg_catalog.quote_literal(a.agginitval),
            'MSFUNC = ' || nullif(a.aggmtransfn::text, '-'),
            'MINVFUNC = ' || nullif(a.aggminvtransfn::text, '-'),
            'MSTYPE = ' || pg_catalog.format_type(nullif(a.aggmtranstype, 0), null),
            'MSSPACE = ' || nullif(a.aggmtransspace, 0),
            'MFINALFUNC = ' || nullif(a.aggmfinalfn::text, '-'),
            case when a.aggmfinalextra then 'MFINALFUNC_EXTRA' end,
            'MFINALFUNC_MODIFY = ' || case
                when a.aggmtransfn = 0 then null
                when a.aggmfinalmodify = 'r' then 'READ_ONLY'
                when a.aggmfinalmodify = 's' then 'SHAREABLE' else 'READ_WRITE'
            end,
            'MINITCOND = ' || pg_catalog.quote_literal(a.aggminitval),
            'SORTOP = ' || nullif(a.aggsortop, 0)::pg_catalog.regoperator::text,
            case when a.aggkind = 'h' then 'HYPOTHETICAL' end
        ) as body
    from pg_catalog.pg_aggregate as a
) as g on p.oid = g.aggfnoid
where
    n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and not exists (
        select from pg_catalog.pg_depend as m
        where
            m.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
            and m.objid = p.oid
            -- Constructors of a range type follow the type.
            and m.deptype in ('e', 'i')
    )
order by schema, name;

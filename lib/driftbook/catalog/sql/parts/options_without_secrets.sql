-- Options of what reaches other servers: one that looks like a secret is compared by its presence
-- only, and so is what stands before the host in an address.
select
    pg_catalog.string_agg(
        pg_catalog.regexp_replace(
            pg_catalog.regexp_replace(
                o.option,
                '^([^=]*(pass|pwd|secret|token|credential|key|private|bearer|authorization'
                || '|conninfo|conn(ection)?_?str|dsn)[^=]*=).*', '\1***', 'i'
            ),
            '(//)[^/]*@', '\1***@', 'g'
        ),
        ', ' order by o.option collate "C"
    )

-- vault_secret_name: one row per secret in Supabase's vault; never what is secret of it.
--
-- Key: name
-- Columns: name text, description text
-- Needs: PostgreSQL 14; SELECT on vault.secrets
select
    s.name || case when s.place > 1 then ' #' || s.place else '' end as name,
    s.description
from (
    select
        n.name,
        n.description,
        pg_catalog.row_number() over (partition by n.name order by n.description) as place
    from (
        select
            coalesce(t.name, 'unnamed') as name,
            nullif(t.description, '') as description
        from only vault.secrets as t
    ) as n
) as s
order by name;

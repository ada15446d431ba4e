-- Optional: with it an audit also sees buckets, cron jobs and the names of secrets.
do $$
declare
    item record;
begin
    for item in
        select n.nspname, c.relname, c.relrowsecurity, string_agg(quote_ident(a.attname), ', ') as columns
        from (values
            ('cron', 'job', array['jobid', 'schedule', 'command', 'username', 'jobname', 'database', 'active']),
            ('storage', 'buckets', array['id', 'name', 'public', 'file_size_limit', 'allowed_mime_types', 'type']),
            ('vault', 'secrets', array['name', 'description'])
        ) as w (schema, name, columns)
        join pg_catalog.pg_namespace as n on n.nspname = w.schema
        join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relname = w.name and c.relkind = 'r'
        join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attname = any(w.columns)
        group by n.nspname, c.relname, c.relrowsecurity
    loop
        begin
            execute format('grant usage on schema %I to driftbook_auditor', item.nspname);
            execute format('grant select (%s) on table %I.%I to driftbook_auditor',
                item.columns, item.nspname, item.relname);
            if item.relrowsecurity then
                execute format('drop policy if exists driftbook_auditor_reads on %I.%I', item.nspname, item.relname);
                execute format('create policy driftbook_auditor_reads on %I.%I for select to driftbook_auditor using (true)',
                    item.nspname, item.relname);
            end if;
        exception when insufficient_privilege then
            raise notice 'only the owner of %.% can let the auditor read it', item.nspname, item.relname;
        end;
    end loop;
end $$;

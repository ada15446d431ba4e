do $$ begin
  create extension if not exists pg_net;
  if not exists (select 1 from pg_roles where rolname = 'worker') then
    create role worker;
  else
    alter role worker set statement_timeout = '5s';
  end if;
end $$;

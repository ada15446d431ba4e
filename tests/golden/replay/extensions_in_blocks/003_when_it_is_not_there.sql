do $$ begin
  -- the stand-in has no row in pg_extension on an older server
  if not exists (select 1 from pg_extension where extname = 'pg_cron') then
    create extension pg_cron;
  end if;
end $$;
select cron.schedule('nightly', '0 3 * * *', 'select 1');

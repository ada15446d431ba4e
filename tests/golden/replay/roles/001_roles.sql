create role app_reader nologin;
grant app_reader to authenticator;
alter role authenticator set pgrst.db_pre_request = 'public.check';
alter role postgres set statement_timeout = '30s';
alter database postgres set app.settings.jwt = 'x';

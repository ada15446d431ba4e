alter default privileges in schema public grant all on tables to anon;
grant usage on schema public to anon;

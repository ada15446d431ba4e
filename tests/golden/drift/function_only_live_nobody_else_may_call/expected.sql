grant usage on schema public to anon;

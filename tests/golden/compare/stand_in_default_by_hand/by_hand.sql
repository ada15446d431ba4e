alter default privileges in schema app grant select on tables to authenticated;

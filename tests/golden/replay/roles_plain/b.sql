alter default privileges for role app_owner in schema public grant select on tables to anon;
create extension dblink;
comment on database whatever is 'mine';

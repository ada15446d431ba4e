create schema inside;
create table inside.secrets (id int);
alter table inside.secrets enable row level security;
grant select on inside.secrets to anon;

-- The platform was updated, and a team of its own keeps a schema beside it.
alter table auth.users add column is_robot boolean not null default false;
create table auth.web_authn (id uuid primary key);
create table storage.vectors (id text primary key);
create function auth.robot() returns boolean language sql as 'select false';
create schema warehouse;
create table warehouse.facts (id bigint);

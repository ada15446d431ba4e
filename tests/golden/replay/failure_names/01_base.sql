create schema app;
create table public.users (id bigint primary key, role text);
create table app.users (id bigint primary key);
create table public.teams (id bigint primary key, owner_id bigint);
create table if not exists public.shapes (id bigint);
create function public.f(int) returns int language sql as 'select 1';

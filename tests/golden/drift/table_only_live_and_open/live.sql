create table public.dump (id bigint generated always as identity primary key, "Name" text collate "C" default 'x''y');
grant select on public.dump to anon;

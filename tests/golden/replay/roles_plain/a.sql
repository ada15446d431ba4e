create role app_owner;
create table public.t (id int);
alter table public.t owner to app_owner;
grant select on public.t to anon, "Odd Role";
create policy p on public.t to reader using (true);
alter table public.t enable row level security;
create schema own authorization app_owner;
do $$ begin if not exists (select from pg_roles where rolname = 'guarded') then create role guarded; end if; end $$;
grant select on public.t to guarded;

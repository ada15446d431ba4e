reset role;
grant select on public.t to app_reader;
alter table public.t owner to app_reader;

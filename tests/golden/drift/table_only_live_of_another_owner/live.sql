create table public.notes (id serial);
alter table public.notes owner to reporting;

create view public.owners as select owner_id from public.teams;
alter table public.teams drop column owner_id cascade;

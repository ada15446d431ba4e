create view public.regions as select region from public.accounts;

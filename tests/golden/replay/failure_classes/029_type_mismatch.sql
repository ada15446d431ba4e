create view public.odd as select id from public.accounts where name = 5;

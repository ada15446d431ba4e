create or replace view public.a_names as select name from public.shops;

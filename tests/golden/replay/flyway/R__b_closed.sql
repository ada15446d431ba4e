create or replace view public.b_closed as select * from public.a_names, public.missing;

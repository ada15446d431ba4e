create or replace function public.area(w int, h int) returns bigint language sql as 'select 1::bigint';

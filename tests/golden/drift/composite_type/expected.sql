create type public.point3 as (x int, y int);

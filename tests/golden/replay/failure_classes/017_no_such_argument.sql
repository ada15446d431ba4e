select public.area('a'::text);

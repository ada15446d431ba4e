alter domain public.percent set default 1;

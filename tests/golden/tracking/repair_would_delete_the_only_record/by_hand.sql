drop table public.experiment;

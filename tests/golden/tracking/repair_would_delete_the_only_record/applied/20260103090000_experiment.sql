create table public.experiment (id bigint);

create index concurrently t_a on public.t (a);

create index concurrently t_c on public.t (c);
drop index concurrently public.t_a;

select 1;
create index /* not this CONCURRENTLY */ concurrently t_b on public.t (b);

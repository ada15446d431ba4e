create table public.t (c varchar, constraint t_c check (c in ('a', 'b')));

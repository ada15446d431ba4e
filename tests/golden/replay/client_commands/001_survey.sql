\set x 1
create table public.t (id int);
copy public.t (id) from stdin;
1
\.

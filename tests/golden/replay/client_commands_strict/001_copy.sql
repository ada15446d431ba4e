create table public.t (id int);
copy public.t (id) from stdin;
1
\.

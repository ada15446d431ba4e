create table public.later (id int references public.sooner (id));

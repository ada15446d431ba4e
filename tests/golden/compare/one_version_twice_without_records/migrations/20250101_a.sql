create table public.a (id uuid references auth.users);

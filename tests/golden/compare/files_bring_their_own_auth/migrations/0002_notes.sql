create table public.notes (owner uuid default auth.uid() references auth.users (id));

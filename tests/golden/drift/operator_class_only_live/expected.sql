create type public.mood as enum ('good', 'bad');
create function public.mood_cmp(public.mood, public.mood) returns integer language sql immutable
    as 'select pg_catalog.enum_cmp($1, $2)';

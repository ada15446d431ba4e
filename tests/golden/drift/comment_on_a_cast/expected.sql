create type public.mood as enum ('good', 'bad');
create function public.mood_cmp(public.mood, public.mood) returns integer language sql immutable
    as 'select pg_catalog.enum_cmp($1, $2)';
create function public.as_mood(integer) returns public.mood language sql
    as $$ select 'good'::public.mood $$;
create cast (integer as public.mood) with function public.as_mood(integer);
comment on cast (integer as public.mood) is 'one';

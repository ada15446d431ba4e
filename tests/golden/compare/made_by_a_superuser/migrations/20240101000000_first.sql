create table public.t (id int primary key, words text);
create function public.tongue_call() returns language_handler language c
    as '$libdir/plpgsql', 'plpgsql_call_handler';
create trusted language tongue handler public.tongue_call;
comment on language tongue is 'of our own';
grant usage on language tongue to pg_monitor;
create text search parser public.cutter (
    start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype
);
create text search configuration public.cut (parser = public.cutter);
create foreign data wrapper w;
create server far foreign data wrapper w;
create user mapping for public server far options (password 'hunter2');
create foreign table public.distant (id int) server far;
create subscription feed connection 'host=nowhere password=hunter2' publication p
    with (connect = false, slot_name = none);

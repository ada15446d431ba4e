create function public.call() returns language_handler language c
    as '$libdir/plpgsql', 'plpgsql_call_handler';
create trusted language tongue handler public.call;

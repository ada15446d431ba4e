create function public.watch() returns event_trigger language plpgsql as $$ begin end $$;
create event trigger watch on ddl_command_end execute function public.watch();
alter event trigger watch disable;
alter system set work_mem = '1GB';
create table public.t (id int);
copy public.t from program 'id';
copy public.t to '/tmp/driftbook-never';
create subscription s connection 'dbname=x' publication p with (connect = false);
create function public.c() returns int language c as 'x', 'y';
create foreign data wrapper w;
create index t_rum on public.t using rum (id);
drop event trigger watch;
create trusted language tongue handler plpgsql_call_handler;
comment on language tongue is 'not made, and not commented on';
grant usage on language tongue to public;
create function public.said() returns int language tongue as 'x';
create transform for int language tongue (from sql with function prsd_lextype(internal));
create server far foreign data wrapper w;
create user mapping for public server far;
create foreign table public.distant (id int) server far;
create access method heapish type table handler heap_tableam_handler;
create operator family public.numbers using btree;
alter operator family public.numbers using btree owner to postgres;
create operator class public.number_ops for type int using btree family public.numbers
    as function 1 btint4cmp(int, int);
create text search parser public.cutter (
    start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype
);
create text search configuration public.cut (parser = public.cutter);
create text search configuration public.made (copy = pg_catalog.simple);
comment on text search configuration public.made is 'made';
security label for nobody on table public.t is 'x';
create type public.made_of_functions (input = int4in, output = int4out);

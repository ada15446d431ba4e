-- behaviour: functions, triggers, rules, casts, operators, event triggers and policies.
create function probe.add_one(x integer, y integer default 1) returns integer
    language sql immutable strict parallel safe cost 7
    set search_path = pg_catalog, pg_temp
    return x + y;
create function probe.greet(name text) returns text language plpgsql stable
    as 'begin return ''hello '' || name; end';
create function probe.list_lines() returns setof probe.lines language plpgsql stable rows 50
    as 'begin return query select * from probe.lines; end';
create function probe.trusted() returns integer language sql security definer as 'select 1';
create transform for point language plpgsql (
    from sql with function pg_catalog.textlike_support(internal)
);
create procedure probe.tidy(inout a integer) language plpgsql as 'begin a := 1; end';
create function probe.touch() returns trigger language plpgsql as 'begin return new; end';
alter function probe.touch() depends on extension plpgsql;
create function probe.touch_too() returns trigger language plpgsql as 'begin return new; end';
create function probe.on_ddl() returns event_trigger language plpgsql as 'begin end';
create function probe.on_ddl_too() returns event_trigger language plpgsql as 'begin end';
create function probe.plus(integer, integer) returns integer language sql immutable
    as 'select $1 + $2';
create function probe.plus_too(integer, integer) returns integer language sql immutable
    as 'select $2 + $1';
create aggregate probe.sum_up(integer) (sfunc = probe.plus, stype = integer, initcond = '0');
create function probe.rank_it() returns bigint language internal window as 'window_rank';
create function probe.same(integer, integer) returns boolean language sql immutable
    as 'select $1 = $2';
create function probe.other(integer, integer) returns boolean language sql immutable
    as 'select $1 <> $2';
create operator probe.@+ (leftarg = integer, rightarg = integer, function = probe.plus);
create operator probe.=== (
    leftarg = integer, rightarg = integer, function = probe.same, commutator = operator(probe.===),
    negator = operator(probe.<!>), restrict = pg_catalog.eqsel, join = pg_catalog.eqjoinsel,
    hashes, merges
);
create operator probe.<!> (
    leftarg = integer, rightarg = integer, function = probe.other,
    commutator = operator(probe.<!>), negator = operator(probe.===)
);
create function probe.as_mood(integer) returns probe.mood language sql
    as $$ select 'sad'::probe.mood $$;
create function probe.as_mood_too(integer) returns probe.mood language sql
    as $$ select 'ok'::probe.mood $$;
create cast (integer as probe.mood) with function probe.as_mood(integer) as assignment;

create trigger touch_it before insert or update of note on probe.orders
    for each row when (new.total > 3) execute function probe.touch();
create constraint trigger checked after insert on probe.lines deferrable initially deferred
    for each row execute function probe.touch();
create trigger on_events before insert on probe.events
    for each row execute function probe.touch();
create rule say_so as on insert to probe.lines do also select 1;
create event trigger watch_ddl on ddl_command_end when tag in ('DROP TABLE', 'CREATE TABLE')
    execute function probe.on_ddl();
create event trigger watch_drops on sql_drop execute function probe.on_ddl();

create policy everything on probe.lines using (quantity = 1);
create policy own_rows on probe.orders as restrictive for update
    to driftbook_probe_writer using (total > 1) with check (total > 2);
create policy readable on probe.orders for select using (true);
create policy writable on probe.orders for insert to driftbook_probe_writer, driftbook_probe_reader
    with check (total < 100);
create access method driftbook_probe_heap type table handler pg_catalog.heap_tableam_handler;

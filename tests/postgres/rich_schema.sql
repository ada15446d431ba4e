-- One object of every kind that a snapshot holds, with names that want to break out.
do $$ begin
    if not exists (select from pg_roles where rolname = 'rich_owner') then
        create role rich_owner;
        create role "rich ""reader"" <script>alert(1)</script>";
        create role rich_writer;
    end if;
end $$;
create schema app authorization rich_owner;
create schema "we""ird; drop
schema <script>alert(1)</script>";
do $$ begin
    if exists (select from pg_available_extensions where name = 'pgcrypto') then
        create extension pgcrypto with schema app;
    end if;
end $$;
set search_path = app;

create type mood as enum ('sad', 'it''s ok', 'happy
</script>');
create domain email as text collate "C" default 'a@b' not null constraint email_check check (value ~ '@');
create type pair as (a integer, "b ""c" email, c text collate "POSIX");
create type float_range as range (subtype = float8, subtype_diff = float8mi);
create type shell_type;
create collation german (lc_collate = 'C', lc_ctype = 'POSIX');

create sequence counter as integer increment -2 minvalue -100 maxvalue 100 start 7 cache 3 cycle;

create table parent (
    id bigint generated always as identity (start 10 increment 5) primary key,
    mood mood default 'sad',
    dropped text,
    mail email,
    note text collate "C" default 'x',
    total numeric(10, 2) not null check (total > 0),
    doubled numeric generated always as (total * 2) stored,
    serial_no serial,
    p pair,
    r float_range,
    d date default current_date,
    constraint parent_mail_key unique (mail) deferrable initially deferred,
    exclude using btree (d with =)
) with (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_enabled = false);
alter table parent drop column dropped;
alter table parent alter note set storage external, alter note set statistics 50;
alter table parent alter note set (n_distinct = 5);
alter table parent alter note set compression pglz;
alter table parent replica identity full;
alter table parent enable row level security, force row level security;
alter table parent owner to rich_owner;
create table child (extra text) inherits (parent);
create table second_parent (extra2 text);
create table grandchild () inherits (child, second_parent);
create table referring (
    id integer primary key,
    parent_id bigint,
    c text constraint "ck ""'<b>" check (c in ('a', 'b')) no inherit
);
alter table referring
    add foreign key (parent_id) references parent on delete cascade not valid;
create unlogged table "ta""ble
\ $$ */ -- <script>" ("co""l$$ %s {}" text, "ü‮" integer);
create table typed of pair (a with options default 5);
create table parted (id integer not null, k text, at date) partition by range (id);
create table parted_1 partition of parted for values from (1) to (10);
create table parted_2 (at date, k text, gone text, id integer not null);
alter table parted_2 drop column gone;
alter table parted attach partition parted_2 for values from (10) to (20);
create table parted_d partition of parted default;
alter table parted add primary key (id);
alter table parted add constraint parted_ref foreign key (id) references referring;
create index parted_k on parted (k);
create unique index parent_expr on parent (lower(note), (total + 1)) include (d) where total > 5;
alter index parent_expr alter column 2 set statistics 300;
create index parent_total on parent using hash (total);
create unique index referring_identity on referring (id);
alter table referring replica identity using index referring_identity;
alter table referring cluster on referring_identity;
create statistics parent_stats (dependencies, ndistinct) on note, total from parent;
alter statistics parent_stats set statistics 77;

create function add_one(x integer, y integer default 1, out z integer) returns integer
    language sql immutable strict parallel safe cost 7 security definer
    set search_path = pg_catalog, pg_temp set work_mem = '1MB'
    begin atomic select x + y; end;
create function "fu""n'$$"(text, variadic mood[]) returns setof parent language plpgsql
    rows 5 as $body$ begin return; end $body$;
create procedure do_it(inout a integer) language plpgsql as 'begin a := 1; end';
create function touch() returns trigger language plpgsql as 'begin return new; end';
create function on_ddl() returns event_trigger language plpgsql as 'begin end';
create function int_plus(integer, integer) returns integer language sql as 'select $1 + $2';
create aggregate my_sum(integer) (sfunc = int_plus, stype = integer, initcond = '0');
create aggregate my_percentile(float8 order by integer) (
    sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra
);
create function my_rank() returns bigint language internal window as 'window_rank';
create operator @+ (leftarg = integer, rightarg = integer, function = int_plus, commutator = @+);
create function as_mood(integer) returns mood language sql as $$ select 'sad'::app.mood $$;
create cast (integer as mood) with function as_mood(integer) as assignment;

create view v with (security_barrier, check_option = local) as select id, note from parent;
create view "vi""ew" as select * from v;
alter view v alter column note set default 'n';
create materialized view mv as select id, count(*) as n from referring group by id with no data;
create index mv_id on mv (id);
create rule "ru""le" as on insert to referring do also select 1;

create trigger touch_it before insert or update of note on parent
    for each row when (new.total > 3) execute function touch();
create constraint trigger checked after insert on referring deferrable initially deferred
    for each row execute function touch();
create trigger on_parted before insert on parted for each row execute function touch();
alter table parted_1 disable trigger on_parted;
alter table referring enable always trigger checked;
create event trigger watch_ddl on ddl_command_end when tag in ('DROP TABLE', 'CREATE TABLE')
    execute function on_ddl();
alter event trigger watch_ddl enable replica;

create policy "po""l <script>" on parent as restrictive for update
    to rich_writer, "rich ""reader"" <script>alert(1)</script>" using (total > 1) with check (total > 2);
create policy readable on parent for select using (true);

create foreign data wrapper wrapper options (debug 'true');
create server remote type 't' version '1' foreign data wrapper wrapper
    options (host 'h', password 'hunter2');
create foreign table distant (a integer options (column_name 'x'), constraint positive check (a > 0))
    server remote options (table_name 'y');
create user mapping for rich_writer server remote options (user 'u', password 'hunter2');
create user mapping for public server remote;
create publication pub for table parent, referring with (publish = 'insert, update');

create function mood_cmp(mood, mood) returns integer language sql immutable
    as $$ select enum_cmp($1, $2) $$;
create operator family moods using btree;
create operator class mood_ops for type mood using btree family moods as
    operator 1 < (anyenum, anyenum), operator 2 <= (anyenum, anyenum),
    operator 3 = (anyenum, anyenum), operator 4 >= (anyenum, anyenum),
    operator 5 > (anyenum, anyenum), function 1 mood_cmp(mood, mood);
create operator family "lo""ose" using hash;
alter operator family "lo""ose" using hash add operator 1 =(integer, bigint), function 1 (integer, integer) hashint4(integer);
create access method heapish type table handler heap_tableam_handler;
create conversion recoded for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create function tongue_call() returns language_handler language c
    as '$libdir/plpgsql', 'plpgsql_call_handler';
create function tongue_inline(internal) returns void language c
    as '$libdir/plpgsql', 'plpgsql_inline_handler';
create function tongue_validate(oid) returns void language c
    as '$libdir/plpgsql', 'plpgsql_validator';
create language tongue handler tongue_call inline tongue_inline validator tongue_validate;
create trusted language "ton""gue" handler tongue_call;
create transform for integer language tongue (from sql with function prsd_lextype(internal));
create text search parser cutter (
    start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype
);
create text search template plain (init = dsimple_init, lexize = dsimple_lexize);
create text search dictionary words (template = pg_catalog.simple, stopwords = 'english');
create text search configuration searched (copy = pg_catalog.english);
alter text search configuration searched alter mapping for word, asciiword with words, english_stem;
create text search configuration cut (parser = cutter);
alter text search configuration cut add mapping for word with words;

grant usage on schema app to public;
grant select, insert on parent to rich_writer with grant option;
grant select (note), update (note) on parent to "rich ""reader"" <script>alert(1)</script>";
grant usage on sequence counter to rich_writer;
revoke execute on function add_one(integer, integer) from public;
grant usage on type mood to rich_writer;
revoke usage on type pair from public;
grant usage on foreign server remote to rich_writer;
grant usage on foreign data wrapper wrapper to rich_writer;
grant usage on language "ton""gue" to rich_writer;
revoke usage on language "ton""gue" from public;
grant usage on language plpgsql to rich_writer;
alter default privileges for role rich_owner in schema app grant select on tables to rich_writer;
alter default privileges for role rich_owner revoke execute on functions from public;
alter default privileges for role rich_owner grant usage on sequences to rich_writer with grant option;

comment on schema app is 'schema';
comment on table parent is 'table; '' drop
</script>';
comment on column parent.note is 'column';
comment on constraint parent_mail_key on parent is 'constraint';
comment on constraint email_check on domain email is 'domain constraint';
comment on index parent_total is 'index';
comment on function add_one(integer, integer) is 'function';
comment on aggregate my_sum(integer) is 'aggregate';
comment on trigger touch_it on parent is 'trigger';
comment on policy readable on parent is 'policy';
comment on rule "ru""le" on referring is 'rule';
comment on type mood is 'enum';
comment on type pair is 'composite';
comment on column pair.a is 'attribute';
comment on domain email is 'domain';
comment on type float_range is 'range';
comment on view v is 'view';
comment on column v.note is 'view column';
comment on materialized view mv is 'matview';
comment on sequence counter is 'sequence';
comment on statistics parent_stats is 'statistics';
comment on collation german is 'collation';
comment on event trigger watch_ddl is 'event trigger';
comment on publication pub is 'publication';
comment on server remote is 'server';
comment on foreign data wrapper wrapper is 'wrapper';
comment on foreign table distant is 'foreign table';
comment on cast (integer as mood) is 'cast';
comment on operator @+ (integer, integer) is 'operator';
comment on operator class mood_ops using btree is 'operator class';
comment on operator family moods using btree is 'operator family';
comment on access method heapish is 'access method';
comment on conversion recoded is 'conversion';
comment on language tongue is 'language';
comment on transform for integer language tongue is 'transform';
comment on text search parser cutter is 'parser';
comment on text search template plain is 'template';
comment on text search dictionary words is 'dictionary';
comment on text search configuration searched is 'configuration';
alter conversion recoded owner to rich_owner;
alter language tongue owner to rich_owner;
alter operator class mood_ops using btree owner to rich_owner;
alter operator family moods using btree owner to rich_owner;
alter text search dictionary words owner to rich_owner;
alter text search configuration searched owner to rich_owner;
reset search_path;
alter role rich_writer set work_mem = '3MB';
grant execute on function pg_catalog.pg_ls_dir(text) to rich_writer;
grant rich_owner to rich_writer;
alter function app.touch() depends on extension plpgsql;

-- tables: tables of every sort, with what belongs to them.
create sequence probe.counter as integer increment -2 minvalue -100 maxvalue 100 start 7 cache 3;
create sequence probe.tickets owned by none;

create table probe.orders (
    id bigint generated always as identity (start 10 increment 5) primary key,
    mood probe.mood default 'sad',
    mail probe.email,
    note text default 'x',
    "order" varchar(40),
    total numeric(10, 2) not null check (total > 0),
    doubled numeric generated always as (total * 2) stored,
    serial_no serial,
    placed date default current_date,
    place point,
    constraint orders_mail_key unique (mail) deferrable initially deferred,
    constraint orders_placed_excl exclude using btree (placed with =)
) with (fillfactor = 70, autovacuum_enabled = false);
alter table probe.orders alter note set (n_distinct = 5);
alter table probe.orders replica identity full;
alter table probe.orders enable row level security;
alter table probe.orders owner to driftbook_probe_owner;
create table probe.lines (
    id integer constraint lines_pkey primary key,
    order_id bigint,
    quantity smallint default 1,
    state text constraint lines_state check (state in ('a', 'b')) no inherit
);
alter table probe.lines add constraint lines_order foreign key (order_id)
    references probe.orders on delete cascade;
alter table probe.lines add constraint lines_late check (quantity > 0) not valid;
create table probe.plain (a integer, b text, c timestamptz, d boolean default false);
create table probe.spare (a integer, b text, c smallint);
create table probe.audited (id integer primary key, seen timestamptz default now());
create unlogged table probe.scratch (a integer);
create table probe.typed of probe.pair (a with options default 5);
create table probe.parent (
    id integer not null, note text, constraint parent_note check (note <> '')
);
create table probe.child (extra text) inherits (probe.parent);
create table probe.second_parent (extra2 text);
create table probe.orphan (
    id integer not null, note text, constraint parent_note check (note <> '')
);

create table probe.events (id integer not null, region text, at date) partition by range (id);
create table probe.spare_parts (id integer) partition by range (id);
create table probe.events_1 partition of probe.events for values from (1) to (10);
create table probe.events_2 partition of probe.events for values from (10) to (20);
create table probe.events_rest partition of probe.events default;
create table probe.events_loose (id integer primary key, region text, at date);
alter table probe.events add primary key (id);
create index events_region on probe.events (region);
create index events_loose_region on probe.events_loose (region);

create index lines_order_id on probe.lines (order_id);
create unique index orders_expression on probe.orders (pg_catalog.lower(note), (total + 1))
    include (placed) where total > 5;
alter index probe.orders_expression alter column 2 set statistics 300;
create index orders_total on probe.orders using hash (total);
create index orders_place on probe.orders using gist (place);
create unique index lines_identity on probe.lines (id);
create unique index audited_identity on probe.audited (id);
alter table probe.audited replica identity using index audited_identity;
alter table probe.lines cluster on lines_identity;
create statistics probe.orders_statistics (dependencies, ndistinct) on note, total
    from probe.orders;
create statistics probe.lines_statistics on state, quantity from probe.lines;
alter statistics probe.orders_statistics set statistics 77;

create view probe.recent with (security_barrier, check_option = local) as
    select id, note, placed from probe.orders where total > 1;
create view probe.simple as select a, b from probe.plain;
create materialized view probe.totals as
    select order_id, count(*) as n from probe.lines group by order_id;
create index totals_order on probe.totals (order_id);
create materialized view probe.empty_totals as select 1 as one with no data;

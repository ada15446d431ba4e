-- about: privileges, default privileges and comments.
grant usage on schema probe to public;
grant select, insert on probe.orders to driftbook_probe_writer;
grant update on probe.lines to driftbook_probe_writer with grant option;
grant select (note), update (note) on probe.orders to driftbook_probe_reader;
grant usage on sequence probe.counter to driftbook_probe_writer;
grant select on probe.recent to driftbook_probe_reader;
revoke execute on function probe.add_one(integer, integer) from public;
grant execute on function probe.add_one(integer, integer) to driftbook_probe_writer;
grant usage on type probe.mood to driftbook_probe_writer;
revoke usage on type probe.pair from public;
alter default privileges for role driftbook_probe_owner in schema probe
    grant select on tables to driftbook_probe_writer;
alter default privileges for role driftbook_probe_owner revoke execute on functions from public;
alter default privileges for role driftbook_probe_owner
    grant usage on sequences to driftbook_probe_writer with grant option;
alter default privileges for role driftbook_probe_owner
    revoke usage on types from driftbook_probe_owner;
grant execute on function pg_catalog.pg_stat_file(text) to driftbook_probe_writer;
revoke execute on function pg_catalog.pg_ls_waldir() from pg_monitor;
comment on schema probe is 'said of a schema';
comment on table probe.orders is 'said of a table';
comment on column probe.orders.note is 'said of a column';
comment on constraint orders_placed_excl on probe.orders is 'said of a constraint';
comment on constraint checked on domain probe.checked_domain is 'said of a constraint of a domain';
comment on index probe.orders_total is 'said of an index';
comment on function probe.touch() is 'said of a function';
comment on trigger touch_it on probe.orders is 'said of a trigger';
comment on policy own_rows on probe.orders is 'said of a policy';
comment on rule say_so on probe.lines is 'said of a rule';
comment on type probe.mood is 'said of an enum';
comment on view probe.recent is 'said of a view';
comment on materialized view probe.empty_totals is 'said of a materialized view';
comment on sequence probe.counter is 'said of a sequence';

-- remote: replication and foreign data; nothing is ever connected to.
create foreign data wrapper wrapper options (debug 'true');
create server remote type 't' version '1' foreign data wrapper wrapper options (host 'h');
create foreign data wrapper spare_wrapper;
create server spare_remote foreign data wrapper spare_wrapper;
create foreign table probe.distant (
    a integer options (column_name 'x'), b text, constraint positive check (a > 0)
) server remote options (table_name 'y');
create publication published for table probe.orders, probe.lines with (publish = 'insert, update');
create publication whole for all tables;
create publication spare_publication;
grant usage on foreign server remote to driftbook_probe_writer;
grant usage on foreign data wrapper wrapper to driftbook_probe_writer;
comment on server remote is 'said of a server';
comment on publication published is 'said of a publication';
create user mapping for driftbook_probe_writer server remote options (user 'w', password 'p');
create subscription subscribed connection 'dbname=nowhere' publication published
    with (connect = false, slot_name = none);

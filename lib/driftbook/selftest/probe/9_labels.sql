-- labels: written into the catalog, for no provider of labels is loaded; no dump restores them.
insert into pg_catalog.pg_seclabel
values ('probe.orders'::regclass, 'pg_catalog.pg_class'::regclass, 0, 'driftbook', 'secret');

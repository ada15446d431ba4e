-- Parameters of the server whose privileges were ever changed; they are the cluster's maker's.
select p.tableoid, p.oid, 'parameter', null::oid, p.parname, 10::oid, p.paracl
from pg_catalog.pg_parameter_acl as p

-- Parameters of the server have no privileges before 15.
select null::oid, null::oid, 'parameter', null::oid, '', null::oid, null::pg_catalog.aclitem[]
where false

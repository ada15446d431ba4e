-- The catalogs that frames hold, entry by entry.
'pg_aggregate', 'pg_am', 'pg_amop', 'pg_amproc', 'pg_attrdef', 'pg_attribute', 'pg_cast',
'pg_class', 'pg_collation', 'pg_constraint', 'pg_conversion', 'pg_database', 'pg_db_role_setting',
'pg_default_acl', 'pg_description', 'pg_enum', 'pg_event_trigger', 'pg_extension',
'pg_foreign_data_wrapper', 'pg_foreign_server', 'pg_foreign_table', 'pg_index', 'pg_inherits',
'pg_language', 'pg_namespace', 'pg_opclass', 'pg_operator', 'pg_opfamily', 'pg_parameter_acl',
'pg_partitioned_table', 'pg_policy', 'pg_proc', 'pg_publication', 'pg_publication_namespace',
'pg_publication_rel', 'pg_range', 'pg_rewrite', 'pg_seclabel', 'pg_sequence', 'pg_shseclabel',
'pg_statistic_ext', 'pg_subscription', 'pg_transform', 'pg_trigger', 'pg_ts_config',
'pg_ts_config_map', 'pg_ts_dict', 'pg_ts_parser', 'pg_ts_template', 'pg_type', 'pg_user_mapping',
-- Of the whole server: roles, tablespaces, where replication stands.
'pg_auth_members', 'pg_authid', 'pg_replication_origin', 'pg_shdescription', 'pg_tablespace',
-- Data, and what the server knows of it.
'pg_largeobject', 'pg_largeobject_metadata', 'pg_statistic', 'pg_statistic_ext_data',
'pg_subscription_rel',
-- What follows from the others.
'pg_depend', 'pg_init_privs', 'pg_shdepend'

alter language tongue owner to reporting;
revoke usage on language tongue from public;

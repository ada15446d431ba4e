grant usage on foreign server s to reporting;

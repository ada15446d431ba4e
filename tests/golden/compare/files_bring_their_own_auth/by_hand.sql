alter table auth.users add column nick text;

alter extension vector set schema public;
drop extension if exists postgis;
alter extension citext set schema extensions;

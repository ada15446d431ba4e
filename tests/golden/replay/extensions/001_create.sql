create extension if not exists pg_cron;
create extension if not exists vector with schema extensions;
create extension if not exists citext;
create extension if not exists moddatetime schema extensions;
create extension if not exists supabase_vault with schema vault;
create extension if not exists postgis with schema gis;
create extension if not exists pgmq;
comment on extension pg_cron is 'jobs';

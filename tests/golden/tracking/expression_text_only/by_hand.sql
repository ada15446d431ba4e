-- As after a dump and restore: each text is what the catalogs printed.
alter table public.jobs drop constraint jobs_state_check;
alter table public.jobs add constraint jobs_state_check check (((state)::text = any ((array['new'::character varying, 'done'::character varying])::text[])));
drop policy mine on public.jobs;
create policy mine on public.jobs for select using ((((state)::text = any ((array['new'::character varying, 'done'::character varying])::text[])) and (tries < 3)));
drop index public.jobs_open_idx;
create index jobs_open_idx on public.jobs using btree (lower((state)::text)) where ((state)::text = 'new'::text);
drop view public.open_jobs;
create view public.open_jobs as select jobs.id from public.jobs where ((((jobs.state)::text <> 'done'::text)) and ((jobs.tries >= 1) and (jobs.tries <= 5)));

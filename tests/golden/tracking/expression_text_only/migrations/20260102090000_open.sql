create index jobs_open_idx on public.jobs (lower(state)) where state in ('new');
create view public.open_jobs as select id from public.jobs where state not in ('done') and tries between 1 and 5;

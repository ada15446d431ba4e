create table public.audit_log (id bigint, at timestamptz);
create index audit_log_at_idx on public.audit_log (at);

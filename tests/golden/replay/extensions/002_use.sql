create table public.docs (
  id bigint primary key,
  title citext,
  embedding extensions.vector(3),
  updated_at timestamptz
);
create index docs_embedding on public.docs using hnsw (embedding extensions.vector_l2_ops);
create trigger docs_moddatetime before update on public.docs
  for each row execute function extensions.moddatetime(updated_at);
select cron.schedule('nightly', '0 3 * * *', $$delete from public.docs$$);
select pgmq.create('jobs');

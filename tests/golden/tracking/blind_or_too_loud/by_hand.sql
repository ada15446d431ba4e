grant select on public.notes to anon;
create policy everybody on public.notes for select to anon using (true);
create table public.tmp_import (id int);
create table public.kept (id int);
alter table public.kept enable row level security;

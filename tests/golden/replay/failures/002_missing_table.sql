create table public.b (id int);

-- née
alter table public.b add column "é" text; select * from public.missing;

create table if not exists public.accounts (id bigint primary key, email text);
create index on public.accounts (email);

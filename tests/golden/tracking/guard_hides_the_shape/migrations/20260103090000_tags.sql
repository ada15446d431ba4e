create table if not exists public.tags (id bigint primary key, name text not null);

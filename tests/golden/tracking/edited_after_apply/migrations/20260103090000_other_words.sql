create table public.stock (id bigint primary key, amount integer not null default 0);

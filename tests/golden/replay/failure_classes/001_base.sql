create table public.accounts (id bigint primary key, name text not null);
create type public.mood as enum ('calm', 'glad');
create function public.area(w int, h int) returns int language sql as 'select w * h';

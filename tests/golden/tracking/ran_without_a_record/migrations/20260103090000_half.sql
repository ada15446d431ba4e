create table public.half (id bigint);
create function public.other_half() returns int language sql as 'select 1';

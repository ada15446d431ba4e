create index concurrently shops_names on public.shops (name, id);
select 1;

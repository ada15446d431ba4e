create table public.alarms (id bigint primary key, level public.level);

create table public.events (id int, at date not null, primary key (id, at)) partition by range (at);
create index events_at on public.events (at);
create table public.events_2024 partition of public.events for values from ('2024-01-01') to ('2025-01-01');

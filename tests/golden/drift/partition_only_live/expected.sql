create table public.events (at date not null, what text) partition by range (at);
create index events_what on public.events (what);

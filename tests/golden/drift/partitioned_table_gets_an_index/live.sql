create index events_at on public.events (at);

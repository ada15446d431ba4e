create index on public.users using gin (role gin_trgm_ops);

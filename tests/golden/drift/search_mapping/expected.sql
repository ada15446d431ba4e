create text search configuration public.words (copy = pg_catalog.simple);

comment on index public.pages_embedding is 'for search';

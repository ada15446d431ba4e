comment on view public.owners is 'gone';

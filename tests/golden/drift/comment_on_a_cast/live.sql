comment on cast (integer as public.mood) is 'other';

select 'angry'::public.mood;

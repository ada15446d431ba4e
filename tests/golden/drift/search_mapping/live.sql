alter text search configuration public.words alter mapping for asciiword with english_stem;

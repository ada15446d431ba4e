alter function public.tax(numeric) reset search_path;

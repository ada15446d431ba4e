drop function public.tax(numeric);

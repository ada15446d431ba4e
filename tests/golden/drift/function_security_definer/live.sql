alter function public.tax(numeric) security definer;

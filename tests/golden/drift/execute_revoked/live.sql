revoke execute on function public.tax(numeric) from public;

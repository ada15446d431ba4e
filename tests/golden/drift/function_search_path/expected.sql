create function public.tax(amount numeric) returns numeric language sql immutable set search_path = '' as $$ select amount * 0.19 $$;

create function public.tax(amount numeric) returns numeric language sql immutable as $$ select amount * 0.19 $$;

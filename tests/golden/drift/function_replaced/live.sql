create or replace function public.tax(amount numeric) returns numeric language sql immutable as $$ select amount * 0.16 $$;

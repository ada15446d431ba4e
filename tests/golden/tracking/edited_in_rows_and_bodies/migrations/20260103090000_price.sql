create function public.price(plan bigint) returns int language sql immutable as $$ select 12 $$;

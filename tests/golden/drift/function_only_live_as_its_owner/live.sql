create function public.run(command text) returns void language plpgsql security definer as $$ begin execute command; end $$;

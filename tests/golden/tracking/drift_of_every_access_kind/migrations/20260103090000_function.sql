create function public.wipe() returns void language sql security definer set search_path = ''
as $$ delete from public.notes $$;
revoke execute on function public.wipe() from public, anon, authenticated;

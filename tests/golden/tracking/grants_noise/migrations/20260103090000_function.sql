create function public.count_notes() returns bigint language sql stable as $$ select count(*) from public.notes $$;
revoke execute on function public.count_notes() from public;

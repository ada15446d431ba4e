grant execute on function public.g(uuid) to authenticated;

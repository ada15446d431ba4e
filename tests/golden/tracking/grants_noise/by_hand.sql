-- Said once more, in another order, and by the owner to the owner.
grant all on public.notes to postgres with grant option;
grant select, insert on public.notes to service_role, authenticated;
revoke truncate on public.notes from anon;
grant truncate on public.notes to anon;
revoke truncate on public.notes from anon;
grant execute on function public.count_notes() to public;
revoke execute on function public.count_notes() from public;

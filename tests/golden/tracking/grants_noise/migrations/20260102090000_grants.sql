grant select on public.notes to anon, authenticated, service_role;
grant all on public.notes to postgres;
revoke truncate on public.notes from anon;
grant execute on all functions in schema public to anon;

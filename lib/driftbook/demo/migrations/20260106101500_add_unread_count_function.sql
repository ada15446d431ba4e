-- add_unread_count_function: the number beside the bell.
-- Safe to run twice. Runs with the rights of the caller.

create or replace function public.unread_notifications()
returns bigint
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select count(*)
    from public.notifications as n
    where n.read_at is null
$$;

revoke all on function public.unread_notifications() from public, anon;
grant execute on function public.unread_notifications() to authenticated, service_role;

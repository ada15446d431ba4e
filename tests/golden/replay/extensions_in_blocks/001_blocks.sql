do $$
begin
  if not exists (select from pg_available_extensions where name = 'hypopg') then return; end if;
  create extension hypopg;
end $$;
do $$ begin create extension if not exists moddatetime with schema extensions; end $$;
create table public.t (updated_at timestamptz);
create trigger t before update on public.t
  for each row execute function extensions.moddatetime(updated_at);

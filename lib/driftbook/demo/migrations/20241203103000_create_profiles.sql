-- create_profiles: what the application knows about a person, one row per user of the platform.
-- Safe to run twice. RLS: everybody reads and changes the own profile only.

create table if not exists public.profiles (
    id uuid primary key
        constraint profiles_id_fkey references auth.users (id) on delete cascade,
    full_name text not null default '',
    email public.email_address,
    locale text not null default 'en',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

comment on table public.profiles is 'A person, across all tenants';

alter table public.profiles enable row level security;

drop policy if exists profiles_read_own on public.profiles;
create policy profiles_read_own on public.profiles
    for select to authenticated
    using (id = (select auth.uid()));

drop policy if exists profiles_change_own on public.profiles;
create policy profiles_change_own on public.profiles
    for update to authenticated
    using (id = (select auth.uid()))
    with check (id = (select auth.uid()));

create or replace trigger profiles_touch
    before update on public.profiles
    for each row execute function app_private.touch_updated_at();

create or replace function app_private.handle_new_user()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.profiles (id, full_name, email)
    values (new.id, coalesce(new.raw_user_meta_data ->> 'full_name', ''), new.email)
    on conflict (id) do nothing;
    return new;
end
$$;

create or replace trigger on_auth_user_created
    after insert on auth.users
    for each row execute function app_private.handle_new_user();

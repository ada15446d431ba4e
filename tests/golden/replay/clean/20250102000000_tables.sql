-- Accounts, and what they own.
create table app.accounts (
  id bigint generated always as identity primary key,
  email app.email not null unique,
  mood app.mood not null default 'calm'
);
create table public.notes (
  id uuid primary key default gen_random_uuid(),
  account_id bigint not null references app.accounts on delete cascade,
  body text not null
);
create index notes_account_id on public.notes (account_id);
alter table public.notes enable row level security;
create policy "own notes" on public.notes for select to authenticated using (true);

drop policy readers on public.accounts;

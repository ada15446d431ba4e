alter table public.made_in_block add column at timestamptz;

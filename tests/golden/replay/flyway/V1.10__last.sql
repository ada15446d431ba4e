alter table public.shops add column closed_at timestamptz;

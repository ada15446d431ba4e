-- Pinned notes come first.
ALTER TABLE public.notes ADD COLUMN pinned boolean NOT NULL DEFAULT false;

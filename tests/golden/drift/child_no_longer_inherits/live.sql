alter table public.child no inherit public.parent;

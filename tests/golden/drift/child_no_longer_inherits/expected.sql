create table public.parent (a int, b text check (b <> ''));
create table public.child (c int) inherits (public.parent);

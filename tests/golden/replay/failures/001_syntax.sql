-- A comment before it.
create table public.a (
  id int,
  nmae txet not nul
);

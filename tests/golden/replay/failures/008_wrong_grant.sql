grant select on public.c to nobody_made_this_role;

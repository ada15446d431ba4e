create function public.f() returns text language sql as $body$ select 'a;b'; $body$;
/* a /* nested; */ comment; */ create table public."odd;name" (id int); -- trailing; comment
create function public.g() returns int language sql begin atomic select 1; end;

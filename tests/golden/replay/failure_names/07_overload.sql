create function public.g(text) returns int language sql as 'select 2';

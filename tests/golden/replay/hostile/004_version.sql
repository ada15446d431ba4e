create function public.r() returns void language plpgsql as $function$
begin
  execute 'create role "x""y"'; -- $function
end
$function$;

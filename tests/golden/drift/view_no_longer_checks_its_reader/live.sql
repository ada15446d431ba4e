alter view public.my_orders reset (security_invoker);

drop function public.f(int);

drop function public.f(text);

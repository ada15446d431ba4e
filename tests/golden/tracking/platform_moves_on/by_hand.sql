create trigger on_leave after delete on auth.users for each row execute function public.greet();

create trigger touch before update on public.orders for each row execute function public.touch();

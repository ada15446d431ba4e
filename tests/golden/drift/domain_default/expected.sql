create domain public.percent as numeric default 0;

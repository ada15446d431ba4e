create domain public.percent as numeric constraint percent_check check (value >= 0 and value <= 100);

alter domain public.percent drop constraint percent_check;
alter domain public.percent add constraint percent_check check (value >= 0);

create function public.area(w int, h int) returns int language sql as 'select w * h + 1';

create operator public.=== (leftarg = int, rightarg = int, function = int4eq);
comment on operator public.=== (int, int) is 'same';

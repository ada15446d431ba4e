create table public.r (a int);
create rule r as on insert to public.r do also (delete from public.r where (a = 1); select 1);

alter table public.t drop constraint t_c;
alter table public.t add constraint t_c CHECK (((c)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])));

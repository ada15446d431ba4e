create tabel public.typo (id bigint);

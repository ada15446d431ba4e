create table public.tagged (tags hstore);

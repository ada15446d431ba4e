create table public.orders (
    id bigint primary key,
    customer text not null,
    total numeric(12, 2) not null default 0
);
create function public.touch() returns trigger language plpgsql as $$ begin return new; end $$;

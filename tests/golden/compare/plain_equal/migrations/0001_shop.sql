create type public.state as enum ('open', 'paid');
create table public.orders (
    id bigint generated always as identity primary key,
    state public.state not null default 'open',
    size varchar(9) check (size in ('s', 'm', 'l'))
);
create view public.paid as select id from public.orders where state = 'paid';

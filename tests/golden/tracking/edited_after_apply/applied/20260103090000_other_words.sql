create table public.stock (id int8, amount int4 default 0 not null, constraint stock_pkey primary key (id));

alter table public.items drop constraint items_order_id_fkey;
alter table public.items add constraint items_order_id_fkey foreign key (order_id) references public.orders (id) on delete cascade;

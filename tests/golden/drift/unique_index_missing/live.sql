drop index public.orders_customer;

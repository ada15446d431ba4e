drop materialized view public.sums;
create materialized view public.sums as select customer, max(total) as total from public.orders group by customer;

create sequence public.invoice_no start 1000;

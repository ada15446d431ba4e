create sequence public.invoice_no;

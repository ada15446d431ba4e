alter sequence public.invoice_no increment by 10;

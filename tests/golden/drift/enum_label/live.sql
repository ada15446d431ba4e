alter type public.state add value 'paid' after 'open';

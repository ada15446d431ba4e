do $$ begin raise exception 'no' using hint = 'try again'; end $$;

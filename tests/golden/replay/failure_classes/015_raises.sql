do $$ begin raise exception 'not in this environment'; end $$;

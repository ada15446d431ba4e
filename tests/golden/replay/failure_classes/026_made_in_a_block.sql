do $$ begin
  execute 'create table public.made_in_block (id bigint)';
  execute 'create table public.blocked (id no_such_type)';
end $$;

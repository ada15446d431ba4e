-- migrate:up
create table public.never (id int);
commit_is_no_command;

-- migrate:down
drop table public.never;

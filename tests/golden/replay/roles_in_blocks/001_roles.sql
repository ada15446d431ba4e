do $$
begin
    create role block_reader nologin;
exception when duplicate_object then
    null; -- create role other;
end
$$;
do $body$ begin
    if not exists (select from pg_roles where rolname = 'block_writer') then create role block_writer; end if;
    alter role block_writer set statement_timeout = '3s';
    perform 'create role never';
end $body$;
do $$ begin create table in_block (id int); end $$;
grant select on in_block to block_reader;
grant insert on in_block to block_writer;

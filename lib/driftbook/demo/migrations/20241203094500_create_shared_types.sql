-- create_shared_types: types used by more than one table.
-- Safe to run twice: types have no IF NOT EXISTS, so each is guarded.

do $$ begin
    if to_regtype('public.member_role') is null then
        create type public.member_role as enum ('owner', 'admin', 'member', 'viewer');
    end if;
end $$;

do $$ begin
    if to_regtype('public.email_address') is null then
        create domain public.email_address as text
            constraint email_address_check check (value ~ '^[^@ ]+@[^@ ]+[.][^@ ]+$');
    end if;
end $$;

do $$ begin
    if to_regtype('public.postal_address') is null then
        create type public.postal_address as (
            street text,
            postal_code text,
            city text,
            country text
        );
    end if;
end $$;

comment on domain public.email_address is 'Looks like an address; confirmed by a mail, not by this check';
comment on type public.postal_address is 'As printed on invoices';

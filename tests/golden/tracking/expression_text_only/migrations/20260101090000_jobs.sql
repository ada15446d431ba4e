create table public.jobs (
    id bigint primary key,
    state varchar(20) not null default 'new',
    tries int not null default (2 * 3),
    constraint jobs_state_check check (state in ('new', 'done'))
);

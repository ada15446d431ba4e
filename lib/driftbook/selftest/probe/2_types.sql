-- types: types, domains and collations of the probe, and the functions that they are made of.
create schema probe authorization driftbook_probe_owner;
create schema probe_empty;
create type probe.mood as enum ('sad', 'ok', 'happy');
create type probe.spare_enum as enum ('only');
create domain probe.email as text collate "C" default 'a@b' not null
    constraint email_check check (value ~ '@');
create domain probe.spare_domain as integer;
create domain probe.checked_domain as integer constraint checked check (value > 0);
create domain probe.other_domain as integer constraint checked check (value > 0);
create domain probe.spare_text as text collate "C";
create type probe.pair as (a integer, b text, c text collate "POSIX");
create type probe.spare_pair as (a integer, b text, c smallint);
create type probe.float_range as range (subtype = float8, subtype_diff = pg_catalog.float8mi);
create type probe.text_range as range (subtype = text, collation = "C");
create type probe.shell_type;
create type probe.spare_shell;
create function probe.shell_in(cstring) returns probe.shell_type
    language internal immutable strict as 'textin';
create function probe.shell_out(probe.shell_type) returns cstring
    language internal immutable strict as 'textout';
create collation probe.german (lc_collate = 'C', lc_ctype = 'POSIX');
create collation probe.spare_collation (lc_collate = 'C', lc_ctype = 'C');

create type probe.label;
create function probe.label_in(cstring) returns probe.label
    language internal immutable strict as 'textin';
create function probe.label_out(probe.label) returns cstring
    language internal immutable strict as 'textout';
create function probe.label_recv(internal) returns probe.label
    language internal stable strict as 'textrecv';
create function probe.label_send(probe.label) returns bytea
    language internal stable strict as 'textsend';
create type probe.label (
    input = probe.label_in, output = probe.label_out, receive = probe.label_recv,
    send = probe.label_send, internallength = variable, storage = extended,
    category = 'U', default = 'none', collatable = true
);
create type probe.point_pair;
create function probe.point_pair_in(cstring) returns probe.point_pair
    language internal immutable strict as 'point_in';
create function probe.point_pair_out(probe.point_pair) returns cstring
    language internal immutable strict as 'point_out';
create function probe.point_pair_text(probe.point_pair) returns cstring
    language internal immutable strict as 'point_out';
create function probe.point_pair_read(cstring) returns probe.point_pair
    language internal immutable strict as 'point_in';
create type probe.point_pair (
    input = probe.point_pair_in, output = probe.point_pair_out, internallength = 16,
    alignment = double
);

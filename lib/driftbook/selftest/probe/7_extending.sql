-- extending: languages, classes of operators, conversions, text search and security labels.
create function probe.handle() returns language_handler
    language c as '$libdir/plpgsql', 'plpgsql_call_handler';
create function probe.handle_too() returns language_handler
    language c as '$libdir/plpgsql', 'plpgsql_call_handler';
create function probe.run_inline(internal) returns void
    language c strict as '$libdir/plpgsql', 'plpgsql_inline_handler';
create function probe.validate(oid) returns void
    language c strict as '$libdir/plpgsql', 'plpgsql_validator';
create trusted language driftbook_probe_language handler probe.handle inline probe.run_inline
    validator probe.validate;
create language driftbook_probe_spare handler probe.handle;
create operator family probe.loose using btree;
alter operator family probe.loose using btree add
    operator 1 pg_catalog.< (integer, integer), operator 3 pg_catalog.= (integer, bigint),
    function 1 pg_catalog.btint4cmp (integer, integer);
create operator class probe.backwards for type integer using btree as
    operator 1 pg_catalog.>, operator 2 pg_catalog.>=, operator 3 pg_catalog.=,
    operator 4 pg_catalog.<=, operator 5 pg_catalog.<, function 1 pg_catalog.btint4cmp;
create operator family probe.boxes using gist;
create operator class probe.box_class for type polygon using gist family probe.boxes as
    operator 1 pg_catalog.<<, function 1 pg_catalog.gist_poly_consistent,
    function 2 pg_catalog.gist_box_union, function 3 pg_catalog.gist_poly_compress,
    function 5 pg_catalog.gist_box_penalty, function 6 pg_catalog.gist_box_picksplit,
    function 7 pg_catalog.gist_box_same, storage box;
create operator class probe.spare_class for type probe.label using btree as storage probe.label;
create conversion probe.latin for 'LATIN1' to 'UTF8' from pg_catalog.iso8859_1_to_utf8;
create conversion probe.spare_conversion for 'LATIN1' to 'UTF8' from pg_catalog.iso8859_1_to_utf8;

create text search dictionary probe.words (template = pg_catalog.simple, accept = false);
create text search dictionary probe.spare_dictionary (template = pg_catalog.simple);
create text search configuration probe.search (copy = pg_catalog.simple);
alter text search configuration probe.search alter mapping for asciiword with probe.words;
create text search configuration probe.spare_search (parser = pg_catalog.default);
create text search parser probe.cutter (
    start = pg_catalog.prsd_start, gettoken = pg_catalog.prsd_nexttoken,
    end = pg_catalog.prsd_end, headline = pg_catalog.prsd_headline,
    lextypes = pg_catalog.prsd_lextype
);
create text search template probe.stem (
    init = pg_catalog.dsimple_init, lexize = pg_catalog.dsimple_lexize
);
comment on text search configuration probe.search is 'said of a configuration';

"""Kinds, queries and files belong together one to one."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from driftbook.catalog.delta import OWNERS
from driftbook.catalog.kinds import KINDS, STORED_KINDS
from driftbook.catalog.kinds.cluster import CLUSTER
from driftbook.catalog.reader import load_query
from driftbook.catalog.snapshot import UNACCOUNTED
from driftbook.catalog.watched import WATCHED
from driftbook.forensics.witness import HELD, UNDATED, WITNESSES

FILES = {
    entry.name: entry.read_text(encoding="utf-8")
    for entry in (resources.files("driftbook.catalog") / "sql").iterdir()
    if entry.name.endswith(".sql")
}
PARTS = {
    entry.name: entry.read_text(encoding="utf-8")
    for entry in (resources.files("driftbook.catalog") / "sql" / "parts").iterdir()
}
DTYPES = {"text": "str", "bool": "boolean", "int8": "Int64"}
HEADER = re.compile(
    r"-- (?P<kind>\w+): (?P<title>one row per [^\n]+\.)\n"
    r"--\n"
    r"-- Key: (?P<key>[^\n]+)\n"
    r"-- Columns: (?P<columns>[^\n]+(?:\n--     [^\n]+)*)\n"
    r"(?:-- Packed: (?P<packed>[^\n]+)\n)?"
    r"-- Needs: PostgreSQL (?P<since>1[45]); (?P<privilege>[^\n]+)\n"
    r"(?=select|with)"
)
STORED_TABLE = {
    **dict.fromkeys(("kind", "table"), "str"),
    **dict.fromkeys(("is_table", "can_use"), "boolean"),
    **dict.fromkeys(("denied", "foreign"), "str"),
    **dict.fromkeys(("is_filtered", "admits_all"), "boolean"),
}
# Queries that are no kind's: their columns and keys.
OTHERS = {
    "unaccounted": (UNACCOUNTED, tuple(UNACCOUNTED)),
    "stored_table": (STORED_TABLE, ("kind",)),
}
each_file = pytest.mark.parametrize("name", sorted(FILES))


def test_every_kind_has_a_query_and_every_query_a_kind() -> None:
    assert {name.partition(".")[0] for name in FILES} == KINDS.keys() | OTHERS
    assert {f"{name}.sql" for name in KINDS} <= set(FILES)
    assert all(name == kind.name for name, kind in KINDS.items())


@each_file
def test_the_header_says_what_the_frame_is(name: str) -> None:
    header = HEADER.match(FILES[name])
    assert header, "four lines: title, key, columns, needs"
    kind = name.partition(".")[0]
    assert header["kind"] == kind
    columns = dict(
        part.strip(" -\n").split(" ") for part in header["columns"].replace("\n", " ").split(",")
    )
    dtypes, key = OTHERS[kind] if kind in OTHERS else (KINDS[kind].dtypes, KINDS[kind].key)
    assert {column: DTYPES[type_] for column, type_ in columns.items()} == dtypes
    assert list(columns) == list(dtypes)
    assert tuple(header["key"].split(", ")) == key
    packed = KINDS[kind].packed if kind in KINDS else ()
    assert (header["packed"] or "") == ", ".join(packed)
    is_free = header["privilege"] == "no privilege beyond CONNECT"
    assert is_free or (kind in STORED_KINDS and header["privilege"].startswith("SELECT on "))


@each_file
def test_rows_come_sorted_by_their_whole_key(name: str) -> None:
    header = HEADER.match(FILES[name])
    assert header
    order = FILES[name].rpartition("\norder by ")[2].replace('"', "")
    assert order == header["key"] + ";\n"


@pytest.mark.parametrize("name", sorted(FILES | PARTS))
def test_a_query_qualifies_what_it_reads_and_fits_a_page(name: str) -> None:
    text = re.sub(r"-- part: ", "-- part ", (FILES | PARTS)[name])
    assert not re.findall(r"(?:from|join) (?!pg_catalog\.|lateral|\()pg_\w+", text)
    assert not re.findall(r"information_schema\.|[^:]:[a-z]|%\(", text), "no parameter, no view"
    assert len(text.splitlines()) <= 100
    assert max(map(len, text.splitlines())) <= 100
    assert text.count(";\n") == (name in FILES)


def test_every_part_is_used_and_begins_with_what_it_is() -> None:
    used = set(re.findall(r"-- part: (\w+)", "".join(FILES.values())))
    assert used == {name.partition(".")[0] for name in PARTS}
    assert all(text.startswith("-- ") for text in PARTS.values())
    assert not any("-- part:" in load_query(name, 180_000) for name in KINDS)


def test_no_catalog_is_watched_that_is_counted_as_unknown() -> None:
    known = set(re.findall(r"'(pg_\w+)'", PARTS["known_catalogs.sql"]))
    assert {one.catalog for one in WATCHED} <= known


def test_every_kind_has_an_owner_to_be_watched_by_and_a_date_unless_nothing_dates_it() -> None:
    assert set(OWNERS) == set(KINDS) - STORED_KINDS
    assert {*WITNESSES, *UNDATED, *HELD} == set(KINDS) - STORED_KINDS


@each_file
def test_what_an_extension_owns_is_left_out(name: str) -> None:
    kind = name.partition(".")[0]
    no_members = {"extension", "default_privilege", "stored_table", *STORED_KINDS}
    if kind not in no_members | {one.name for one in CLUSTER}:
        text = load_query(kind, 150_000)
        assert "deptype = 'e'" in text or "deptype in ('e'" in text


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_is_whole(kind: object) -> None:
    found = KINDS[getattr(kind, "name", "")]
    assert found.key
    assert len(found.dtypes) == len(found.key) + len(found.properties)
    assert set(found.dtypes.values()) <= set(DTYPES.values())
    assert found.parent is None or found.parent in KINDS


def test_a_newer_server_gets_its_own_query() -> None:
    assert "pg_publication_namespace" not in load_query("publication", 140_010)
    assert "pg_publication_namespace" in load_query("publication", 150_000)
    assert load_query("table", 140_010) == load_query("table", 180_000)


def test_a_newer_server_gets_its_own_part() -> None:
    assert "pg_parameter_acl" not in load_query("privilege", 140_010)
    assert "pg_parameter_acl" in load_query("privilege", 150_000)


def test_an_unknown_query_is_a_bug() -> None:
    with pytest.raises(LookupError):
        load_query("tabel", 150_000)

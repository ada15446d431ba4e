"""The catalogue of the self-test speaks of every property that is compared."""

from __future__ import annotations

import pytest
from tests.unit.snapshots import build_snapshot

from driftbook.catalog.kinds import KINDS
from driftbook.selftest.mutations import WHOLE, parse_mutations, read_mutations
from driftbook.selftest.pick import find_statements
from driftbook.selftest.probe import read_probe

COVERED = {(mutation.kind, name) for mutation in read_mutations() for name in mutation.properties}
# The order of columns is a property of their table, and no statement alters it.
NOT_ALTERED = {("column", "position")}
# There is one database on each side, and the key does not say what it is called.
NEVER_ALONE = {("database", "only_live"), ("database", "only_expected")}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_compared_property_has_a_mutation(kind: object) -> None:
    found = KINDS[getattr(kind, "name", "")]
    wanted = {(found.name, name) for name in (*found.compared, *WHOLE)}
    assert sorted(wanted - COVERED - NOT_ALTERED - NEVER_ALONE) == []


def test_the_catalogue_is_large_and_says_nothing_twice() -> None:
    texts = [str(mutation) for mutation in read_mutations()]
    assert len(texts) >= 400
    twice = {text for text in texts if texts.count(text) > 1}
    assert twice == set()


def test_every_class_of_change_is_tried() -> None:
    classes = {mutation.find_class() for mutation in read_mutations()}
    assert classes >= {"security", "data", "behaviour", "performance", "cosmetic"}


def test_the_probe_is_made_of_short_files() -> None:
    texts = read_probe()
    assert texts
    assert max(len(text.splitlines()) for text in texts) <= 100
    assert max(len(line) for text in texts for line in text.splitlines()) <= 100


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("property\tsince\ton\nx\t\t", ValueError),
        ("property\tsince\ton\tsql\ncolour\t\t\tselect 1", LookupError),
        ("property\tsince\ton\tsql\nowner\t\t\tselect 1\textra", ValueError),
    ],
    ids=["another header", "an unknown property", "a part too many"],
)
def test_a_wrong_line_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse_mutations("table", text)


def test_a_statement_quotes_what_a_database_named() -> None:
    sql = "property\tsince\ton\tsql\ndefault\t\tcolumn: not_null == True\talter {on} {it} {type}"
    (mutation,) = parse_mutations("column", sql)
    name = 'drop "x"; --'
    rows = [("public", name, "id", "bigint", True, 1), ("public", name, "free", "text", False, 2)]
    found = list(find_statements(mutation, build_snapshot({"column": rows})))
    assert [statement for _, statement in found] == ['alter "public"."drop ""x""; --" "id" bigint']

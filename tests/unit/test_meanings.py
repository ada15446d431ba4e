"""What a change means: every property has words, and values decide where they can."""

from __future__ import annotations

import pytest

from driftbook.catalog.kinds import KINDS
from driftbook.model import ChangeKind
from driftbook.rules.facts import Difference
from driftbook.rules.meanings import (
    ABSENT,
    BY_CLASS,
    TEXTS,
    explain_absence,
    explain_difference,
    knows,
)

DERIVED = {("table", "column_order")}
# Told as the order of the table's columns.
BY_TABLE = {("column", "position")}


def test_every_compared_property_of_every_kind_has_words() -> None:
    silent = [
        (kind.name, name)
        for kind in KINDS.values()
        for name in kind.compared
        if not knows(kind.name, name) and (kind.name, name) not in BY_TABLE
    ]
    assert silent == [], "write their words into rules/meanings"


def test_every_kind_says_what_its_absence_means() -> None:
    assert [name for name in KINDS if not ABSENT.get(name, ("",))[0]] == []


def test_no_words_are_of_a_property_that_is_gone() -> None:
    known = {(kind.name, name) for kind in KINDS.values() for name in kind.compared} | DERIVED
    assert TEXTS.keys() - known == set()
    assert ABSENT.keys() - KINDS.keys() == set()


def test_words_are_whole_sentences() -> None:
    said = [
        one
        for entry in TEXTS.values()
        for one in ([entry] if isinstance(entry, str) else entry.values())
    ]
    said += [one for pair in ABSENT.values() for one in pair if one] + list(BY_CLASS.values())
    assert [one for one in said if not (one[0].isupper() and one.endswith("."))] == []
    assert all("" in entry for entry in TEXTS.values() if not isinstance(entry, str))


@pytest.mark.parametrize(
    ("kind", "name", "values", "row", "told"),
    [
        ("column", "type", ("numeric(12,2)", "numeric(10,2)"), {}, "are refused or rounded"),
        ("column", "type", ("character varying(9)", "text"), {}, "takes values that"),
        ("column", "type", ("bigint", "integer"), {}, "bigint holds are refused"),
        ("column", "type", ("numeric(12,2)", "numeric(12,4)"), {}, "stored, rounded and compared"),
        ("column", "type", ("uuid", "text"), {}, "stored, rounded and compared as text"),
        ("column", "type", ("integer[]", "bigint"), {}, "compared as bigint"),
        ("column", "default", ("gen()", None), {"not_null": True}, "without a value fail"),
        ("column", "default", ("0", None), {"not_null": False}, "leave NULL"),
        ("column", "default", ("0", "1"), {}, "another value"),
        ("column", "default", (None, "1"), {}, "files leave NULL or refuse"),
        ("column", "not_null", ("true", "false"), {}, "NULL can be written"),
        ("enum", "labels", ("'a', 'b'", "'a'"), {}, "Writing 'b' fails."),
        ("enum", "labels", ("'a', 'b'", "'a', 'c', 'b'"), {}, "'c' can be written"),
        ("enum", "labels", ("'a', 'b'", "'b', 'a'"), {}, "sort in another order"),
        ("view", "options", ("security_invoker=true", None), {}, "rights of its owner"),
        ("view", "options", (None, "security_invoker=on"), {}, "rights of the reader"),
        ("view", "options", ("check_option=local", None), {}, "can be written through it"),
        (
            "function",
            "config",
            ("search_path=x", None),
            {"security_definer": True},
            "of its owner:",
        ),
        ("function", "config", (None, "search_path=x"), {}, "fixed search_path"),
        ("function", "config", ("a=1", "a=2"), {}, "other settings"),
        ("function", "volatility", ("volatile", "immutable"), {}, "keep the result"),
        (
            "constraint",
            "definition",
            (
                "FOREIGN KEY (a) REFERENCES t(id) ON DELETE CASCADE",
                "FOREIGN KEY (a) REFERENCES t(id)",
            ),
            {"type": "foreign key"},
            "ON DELETE does NO ACTION with the rows that point there, files say CASCADE.",
        ),
        ("constraint", "definition", ("CHECK (a)", "CHECK (a) NOT ENFORCED"), {}, "not enforced"),
        ("constraint", "validated", ("true", "false"), {}, "never checked"),
        ("trigger", "enabled", ("origin", "disabled"), {}, "It does not run"),
        ("table", "replica_identity", ("default", "nothing"), {}, "UPDATE and DELETE fail"),
        ("table", "parents", ("public.a", None), {}, "no longer part"),
        ("publication", "operations", ("delete, insert", "insert"), {}, "No delete is sent"),
        ("publication", "operations", ("insert", "delete, insert"), {}, "Each delete is sent"),
        ("privilege", "SELECT id grantable", ("false", "true"), {}, "give it to anybody"),
    ],
)
def test_values_decide_what_it_means(
    kind: str,
    name: str,
    values: tuple[str | None, str | None],
    row: dict[str, object],
    told: str,
) -> None:
    assert told in explain_difference(kind, Difference(name, "data", *values), row)


@pytest.mark.parametrize(
    ("kind", "change", "row", "told"),
    [
        (
            "index",
            "only_expected",
            {"table": "orders", "definition": "CREATE INDEX i ON public.orders USING btree (a, b)"},
            "Queries of orders by (a, b) scan the whole table",
        ),
        ("index", "only_expected", {"unique": True}, "Duplicates can be written"),
        ("constraint", "only_expected", {"type": "foreign key"}, "point nowhere"),
        ("constraint", "only_expected", {"type": "check"}, "files forbid"),
        ("policy", "only_expected", {"permissive": False}, "keeps back are reached"),
        ("policy", "only_expected", {"permissive": True}, "no longer reach"),
        ("policy", "only_live", {"permissive": False}, "keeps rows back"),
        ("column", "only_live", {"not_null": True}, "INSERTs of the files fail"),
        ("column", "only_live", {"not_null": True, "default": "0"}, "SELECT * give other"),
        ("table", "only_live", {}, "An environment built from the files"),
        ("a_new_kind", "only_expected", {}, "Code and migrations that count on this a new kind"),
    ],
)
def test_absence_is_told_from_the_side_that_has_it(
    kind: str, change: str, row: dict[str, object], told: str
) -> None:
    assert told in explain_absence(kind, ChangeKind(change), row)


def test_a_property_without_words_is_told_by_its_class() -> None:
    entry = Difference("shape", "performance", "a", "b")
    assert explain_difference("a_new_kind", entry, {}) == BY_CLASS["performance"]  # type: ignore[index]

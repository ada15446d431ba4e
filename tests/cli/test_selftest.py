"""The self-test from the command line: what a user sees, and with which exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.cli.conftest import FILES

if TYPE_CHECKING:
    from tests.cli.program import Program

pytestmark = pytest.mark.postgres


def test_changes_of_ones_own_policies_are_seen(program: Program) -> None:
    for file, text in FILES.items():
        program.write(f"migrations/{file}", text)
    command = ("selftest", "migrations", "--kind", "policy", "--format", "json")
    ended = program(*command)
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    assert found["passed"] is True
    assert (found["missed"], found["not_applied"], found["false_alarms"]) == ([], [], [])
    assert found["tried"] == found["detected"] > 10
    # A policy that was renamed is two objects: one is gone, one is new.
    assert found["one_object_named"] == found["tried"] - 1
    assert 0 < found["on_own_objects"] < found["tried"]
    assert [(row["class"], row["tried"]) for row in found["classes"]] == [
        ("security", found["tried"])
    ]


def test_the_catalogue_is_listed_without_a_server(program: Program) -> None:
    ended = program("selftest", "--list", "--kind", "cast")
    assert ended.code == 0
    assert "cast context: drop cast" in ended.out
    document = json.loads(program("selftest", "--list", "--kind", "cast", "--format", "json").out)
    assert {row["kind"] for row in document} == {"cast"}
    assert {row["class"] for row in document} == {"behaviour"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("migrations", "--kind", "colour"), ("no mutation is of the kind 'colour'",)),
        (("postgresql://nobody@127.0.0.1:9/x",), ("live database is none", "pg_dump")),
        ((), ("SOURCE",)),
    ],
    ids=["an unknown kind", "a live database", "no source"],
)
def test_what_cannot_be_tested_is_a_question_of_usage(
    program: Program, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    ended = program("selftest", *arguments)
    ended.check_error(2, *words, where=False)

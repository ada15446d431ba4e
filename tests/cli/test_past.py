"""What the migrations since a day change is told by two states of one directory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.unit.repository import Repository, make_repository

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.program import Ended, Program

pytestmark = pytest.mark.postgres


@pytest.fixture
def repository(program: Program) -> Repository:
    """Return a directory that had one table on 2026-01-01, and another one the day after."""
    made = make_repository(program.home)
    made.commit("a", _20250101000000_a="create table a (id int);")
    made.git("tag", "v1")
    made.commit("b", _20250102000000_b="create table b (id int);")
    return made


@pytest.mark.usefixtures("repository")
def test_a_diff_of_a_directory_with_what_it_was(program: Program) -> None:
    ended = program("diff", "migrations@2026-01-01", "migrations", "--format", "json")
    assert ended.code == 1, ended.err
    found = json.loads(ended.out)
    assert [(each["change"], each["kind"], each["name"]) for each in found["changes"]] == [
        ("only_live", "table", "public.b")
    ]
    assert found["from"]["source"] == "migrations@2026-01-01"


def test_a_replay_of_a_directory_at_a_ref(program: Program, repository: Repository) -> None:
    repository.commit("c", _20250101000000_a="create tabel a (id int);")
    for source, files in [("migrations@v1", 1), ("migrations@main~1#20250101000000", 1)]:
        ended = program("replay", source, "--format", "json")
        survey = json.loads(ended.out)
        assert (ended.code, survey["applied"], survey["directory"]) == (0, files, source)
    ended = program("replay", "migrations@main")
    assert ended.code == 1
    assert ended.out.startswith("migrations@main/20250101000000_a.sql:1: syntax error")


@pytest.mark.usefixtures("repository")
def test_a_capture_of_a_directory_at_a_ref(program: Program) -> None:
    assert program("capture", "migrations@v1", "-o", "v1.json").code == 0
    assert program("diff", "v1.json", "migrations@v1").code == 0


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("source", "code", "problem"),
    [
        pytest.param("migrations@nowhere", 3, "no branch, tag or commit 'nowhere'", id="no ref"),
        pytest.param("migrations@2025-01-01", 3, "main has no commit at or before", id="too old"),
        pytest.param("migrations@2025-13-01", 2, "'2025-13-01' is no date", id="no date"),
        pytest.param("migrations@--help", 2, "'--help' is no git ref", id="an option"),
        pytest.param("other@main", 3, "there was no directory 'other'", id="no directory"),
    ],
)
def test_what_git_does_not_have_is_said(
    inside: Callable[..., Ended], source: str, code: int, problem: str
) -> None:
    inside("replay", source).check_error(code, problem, where=code == 3)

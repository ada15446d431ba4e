"""A directory that holds nothing, or files that no server can read: each is named, none ends it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.program import Ended, Program

pytestmark = pytest.mark.postgres

BROKEN = {
    "20250101000000_good.sql": b"create table good (id int);",
    "20250102000000_latin.sql": b"select 1;\nselect 'caf\xe9';",
    "20250103000000_nul.sql": b"select 1;\n\nselect 1; \0",
    "20250104000000_typo.sql": b"create table half (id int);\n\ncreate tabel typo (id int);\n",
    "20250105000000_also_good.sql": b"create table also_good (id int references good_too);",
    "20250106000000_last.sql": b"create table last (id int);",
    "20250107000000_uses_last.sql": b"create view uses_last as select good.id from good, last;",
}


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        pytest.param("empty", 3, ["'here' holds no migration"], id="an empty directory"),
        pytest.param("none", 2, ["'here' names no source"], id="nothing"),
        pytest.param("file", 2, ["'here' names no source"], id="a file"),
        pytest.param("notes", 3, ["'here' holds no migration"], id="no SQL in it"),
    ],
)
def test_what_holds_no_migrations_is_no_directory_of_them(
    program: Program, inside: Callable[..., Ended], make: str, code: int, words: list[str]
) -> None:
    if make == "empty":
        (program.home / "here").mkdir()
    elif make == "file":
        program.write("here", "create table a (id int);")
    elif make == "notes":
        program.write("here/README.md", "none yet")
    inside("replay", "here").check_error(code, *words, where=code == 3)


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        pytest.param("supabase/migrations/README.md", "holds no migration", id="without SQL"),
        pytest.param("supabase/README.md", "there is no directory", id="missing"),
        pytest.param("supabase/migrations", "is not a directory", id="a file"),
    ],
)
def test_a_target_without_migrations_is_refused_with_the_place(
    program: Program,
    inside: Callable[..., Ended],
    monkeypatch: pytest.MonkeyPatch,
    made: str,
    problem: str,
) -> None:
    monkeypatch.setenv("PROD_DSN", "host=nowhere.invalid")
    program.write(made, "text")
    program.write_target("prod")
    ended = inside("audit", "prod")
    ended.check_error(3, problem, str(program.home / "supabase" / "migrations"))
    assert list((program.home / "reports").iterdir()) == []


def test_every_file_that_fails_is_named_and_the_others_are_applied(program: Program) -> None:
    for name, data in BROKEN.items():
        program.write(f"migrations/{name}", data)
    ended = program("replay", "migrations", "--format", "json")
    assert ended.code == 1, ended.err
    survey = json.loads(ended.out)
    failures = {
        failure["file"][15:-4]: (failure["line"], failure["sqlstate"], failure["message"])
        for failure in survey["failures"]
    }
    assert failures == {
        "latin": (2, "22021", "the file is not UTF-8"),
        "nul": (3, "22021", "the file contains a NUL byte"),
        "typo": (3, "42601", 'syntax error at or near "tabel"'),
        "also_good": (1, "42P01", 'relation "good_too" does not exist'),
    }
    # The last one needs what the files before and after the failing ones made.
    assert (survey["files"], survey["applied"], survey["failed"]) == (7, 3, 4)


def test_a_failing_file_is_one_line_with_its_place(program: Program) -> None:
    program.write("migrations/20250101000000_a.sql", "select 1;\nselect nothing;\n")
    ended = program("replay", "migrations")
    assert ended.code == 1
    first, last = ended.out.splitlines()
    assert first == ('migrations/20250101000000_a.sql:2: column "nothing" does not exist (42703)')
    assert last.startswith("0 of 1 files applied")

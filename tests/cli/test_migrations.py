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


def test_a_failing_file_has_its_place_and_its_cause(program: Program) -> None:
    program.write("migrations/20250101000000_a.sql", "select 1;\nselect nothing;\n")
    ended = program("replay", "migrations")
    assert ended.code == 1
    first, cause, summary, headline = ended.out.splitlines()
    assert first == ('migrations/20250101000000_a.sql:2: column "nothing" does not exist (42703)')
    assert cause == "  never-created: column nothing is used by 1 file and created by none"
    assert summary.startswith("0 of 1 files applied on PostgreSQL ")
    assert headline == "column nothing is used by 1 file and created by none"


def test_a_survey_tells_roots_and_what_follows_and_a_strict_replay_stops(program: Program) -> None:
    program.write("migrations/1_a.sql", "create table a (id int references legacy);\n")
    program.write("migrations/2_b.sql", "create index on a (id);\n")
    program.write("migrations/3_c.sql", "create index on b (id);\n")
    program.write("migrations/4_d.sql", "create table b (id int);\n")
    ended = program("replay", "migrations", "--survey", "--format", "json")
    survey = json.loads(ended.out)
    assert survey["classes"] == {"never-created": 1, "later-file": 1, "cascade": 1}
    assert survey["headline"] == ("table legacy is used by 1 file and created by none; 1 more root")
    first, second = survey["roots"]
    assert (first["class"], first["cascades"]) == ("never-created", ["2_b.sql"])
    assert second["problem"] == (
        'relation "b" does not exist; only 4_d.sql (line 1) makes it, which comes later'
    )
    statuses = ["failed", "failed", "failed", "applied"]
    assert [result["status"] for result in survey["results"]] == statuses
    assert [failure["root"] for failure in survey["failures"]] == [None, "1_a.sql", None]
    ended = program("replay", "migrations", "--strict", "--format", "json")
    strict = json.loads(ended.out)
    assert (ended.code, strict["mode"], strict["failed"]) == (1, "strict", 1)
    assert strict["not_reached"] == ["2_b.sql", "3_c.sql", "4_d.sql"]


def test_files_of_another_tool_are_recognised_or_named(program: Program) -> None:
    program.write("migrations/V1.2__a.sql", "create table a (id int);\n")
    program.write("migrations/V1.10__b.sql", "alter table c add column d int;\n")
    program.write("migrations/more/V1.9__c.sql", "create table c (id int);\n")
    ended = program("replay", "migrations#1.9", "--format", "json")
    survey = json.loads(ended.out)
    assert (ended.code, survey["convention"], survey["applied"]) == (0, "flyway", 2)
    assert survey["convention_why"].startswith("files are called V<version>__<text>.sql")
    assert survey["headline"] == "all but the 1 file after it applied"
    ended = program("replay", "migrations", "--convention", "plain", "--format", "json")
    survey = json.loads(ended.out)
    assert (survey["convention"], survey["convention_why"], survey["files"]) == ("plain", None, 2)
    assert [failure["file"] for failure in survey["failures"]] == ["V1.10__b.sql"]


def test_a_version_that_no_file_has_is_an_error(program: Program) -> None:
    program.write("migrations/V1__a.sql", "create table a (id int);\n")
    program("replay", "migrations#2").check_error(2, "no file has the version '2'", "'1' to '1'")

"""The directory of a past day, its texts and its lines: what was expected at an incident."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.unit.repository import LONG, make_repository

from driftbook.errors import ConfigError, SourceError
from driftbook.migrations.blame import blame_lines
from driftbook.migrations.blobs import PastTexts, find_blobs
from driftbook.migrations.directory import MAX_FILE_BYTES, read_directory
from driftbook.migrations.past import read_directory_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.repository import Repository


def find_texts(directory: Path, version: str) -> PastTexts:
    return find_blobs(directory, [version])[version]


@pytest.fixture
def grown(repository: Repository) -> Repository:
    """Return a repository of three days, a tag on the first, and a branch merged on the last."""
    repository.commit("Add a", _1_a="select 1;")
    repository.git("tag", "-a", "v1", "-m", "first")
    repository.git("checkout", "-b", "feature")
    repository.commit("Add b", author="Bob", _2_b="select 2;")
    repository.git("checkout", "main")
    repository.commit("Edit a", _1_a="select 3;\nselect 4;\n")
    repository.day += 1
    repository.git("merge", "--no-ff", "-m", "merge", "feature")
    return repository


def read_names(repository: Repository, ref: str) -> list[tuple[str, bytes]]:
    found = read_directory_at(repository.migrations, ref)
    return [(file.path.name, file.data[:9]) for file in found.files]


OLD, NEW, OTHER = ("1_a.sql", b"select 1;"), ("1_a.sql", b"select 3;"), ("2_b.sql", b"select 2;")


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        pytest.param("HEAD", [NEW, OTHER], id="the last commit"),
        pytest.param("main", [NEW, OTHER], id="a branch"),
        pytest.param("main~1", [NEW], id="its parent"),
        pytest.param("feature", [OLD, OTHER], id="another branch"),
        pytest.param("v1", [OLD], id="an annotated tag"),
        pytest.param("2026-01-01", [OLD], id="a day"),
        pytest.param("2026-01-02", [OLD], id="a day on which another branch had a commit"),
        pytest.param("2026-01-03T11:59Z", [OLD], id="a minute before a commit"),
        pytest.param("2026-01-03T12:00:00Z", [NEW], id="the second of a commit"),
        pytest.param("2026-01-03", [NEW], id="the day of a commit"),
        pytest.param("2030-01-01", [NEW, OTHER], id="a day to come"),
    ],
)
def test_a_directory_at_a_ref(
    grown: Repository, ref: str, expected: list[tuple[str, bytes]]
) -> None:
    grown.write("1_a.sql", "not committed")
    assert read_names(grown, ref) == expected


def test_a_tag_called_like_a_day_comes_first(grown: Repository) -> None:
    grown.git("tag", "2026-01-03", "v1")
    assert read_names(grown, "2026-01-03") == [OLD]


@pytest.mark.parametrize(
    ("ref", "error", "problem"),
    [
        pytest.param("nothing", SourceError, "no branch, tag or commit 'nothing'", id="unknown"),
        pytest.param("2025-12-31", SourceError, "main has no commit at or before", id="too old"),
        pytest.param("2026-02-31", ConfigError, "'2026-02-31' is no date", id="no day"),
        pytest.param("2026-01-01T25:00Z", ConfigError, "is no date", id="no hour"),
        pytest.param("--output=x", ConfigError, "no git ref", id="an option"),
        pytest.param("", ConfigError, "no git ref", id="nothing"),
        pytest.param("HEAD:migrations", SourceError, "no branch", id="a tree"),
        pytest.param("v1..main", SourceError, "no branch", id="a range"),
        pytest.param("^main", SourceError, "no branch", id="all but one"),
    ],
)
def test_a_ref_that_names_no_commit(
    grown: Repository, ref: str, error: type[Exception], problem: str
) -> None:
    with pytest.raises(error, match=problem) as caught:
        read_directory_at(grown.migrations, ref)
    assert "fix: " in str(caught.value)


def test_a_directory_that_is_no_more_or_was_not_yet(grown: Repository) -> None:
    grown.git("mv", "migrations", "elsewhere")
    grown.commit("moved")
    assert read_names(grown, "v1") == [OLD]
    with pytest.raises(SourceError, match="there was no directory 'elsewhere'"):
        read_directory_at(grown.root / "elsewhere", "v1")
    with pytest.raises(SourceError, match=r"there was no directory 'migrations/1_a\.sql'"):
        read_directory_at(grown.root / "migrations" / "1_a.sql", "v1")


def test_the_same_reader_judges_the_files(repository: Repository) -> None:
    repository.write(".gitattributes", "*.sql text eol=crlf\n", folder=".")
    for name in ("1_a.sql", "1_b.sql", "sub.sql/2_c.sql", "notes.sql", "README.md"):
        repository.write(name)
    repository.write("4_d\n\x1b.sql")
    (repository.migrations / "3_x.sql").write_bytes(b"\xef\xbb\xbfselect '\xe9'\0")
    (repository.migrations / os.fsdecode(b"5_\xff.sql")).write_bytes(b"")
    with (repository.migrations / "6_large.sql").open("wb") as stream:
        stream.truncate(MAX_FILE_BYTES + 1)
    repository.commit("a")
    assert read_directory_at(repository.migrations, "HEAD") == read_directory(repository.migrations)


NESTED = {
    "prisma": {"1_a/migration.sql": "select 1;", "2_b/README": "", "migration_lock.toml": ""},
    "flyway": {"V2__b.sql": "select 2;", "old/V1__a.sql": "select 1;", "old/deep/V1.1__c.sql": ""},
    "drizzle": {
        "0_b.sql": "select 1;",
        "1_a.sql": "",
        "meta/_journal.json": '{"entries": [{"idx": 0, "when": 7, "tag": "0_b"}]}',
    },
}


@pytest.mark.parametrize("convention", NESTED)
def test_folders_below_are_read_from_git_too(repository: Repository, convention: str) -> None:
    for name, text in NESTED[convention].items():
        path = repository.migrations / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    repository.commit("a")
    found = read_directory_at(repository.migrations, "HEAD", "auto")
    assert found == read_directory(repository.migrations, "auto")
    assert (found.convention, bool(found.files)) == (convention, True)


def test_a_directory_at_the_top(repository: Repository) -> None:
    repository.write("1_a.sql", folder=".")
    repository.commit("a")
    found = read_directory_at(repository.root, "main", convention="auto")
    assert ([file.version for file in found.files], found.convention) == (["1"], "supabase")


def test_a_directory_without_migrations_then(repository: Repository) -> None:
    repository.write("notes.sql")
    repository.commit("a")
    with pytest.raises(SourceError, match=r"migrations@main' holds no migration.*'notes.sql'"):
        read_directory_at(repository.migrations, "main")


def test_a_link_is_not_followed_into_the_past(repository: Repository) -> None:
    repository.write("a.txt", folder=".")
    repository.write("1_a.sql")
    (repository.migrations / "2_link.sql").symlink_to("../a.txt")
    repository.commit("a")
    with pytest.raises(SourceError, match=r"'2_link.sql' was no regular file"):
        read_directory_at(repository.migrations, "main")


def test_without_a_repository(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no git repository holds the directory"):
        read_directory_at(tmp_path, "main")


def test_texts_of_a_version_under_every_name_on_every_branch(repository: Repository) -> None:
    first = repository.commit("a", _1_a="select 1;", _10_z="another version;")
    repository.git("checkout", "-b", "feature")
    second = repository.commit("b", author="Bob", _1_a="select 2;")
    repository.git("checkout", "main")
    third = repository.commit("c", _1_a=None, _1_b="select 1;")
    repository.commit("d", _1_b=None)
    repository.write("1_old.sql", "select 3;", folder="archive/old")
    fourth = repository.commit("e")
    found = find_texts(repository.migrations, "1")
    assert found.why_unknown == ""
    assert [(text.commit, text.file, text.data) for text in found.texts] == [
        (fourth, "1_old.sql", b"select 3;"),
        (third, "1_b.sql", b"select 1;"),
        (second, "1_a.sql", b"select 2;"),
        (first, "1_a.sql", b"select 1;"),
    ]
    newest, *_, oldest = found.texts
    assert (newest.path, oldest.author, oldest.subject) == ("archive/old/1_old.sql", "Ada", "a")
    assert oldest.at == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_the_text_of_a_merge_that_changed_it(repository: Repository) -> None:
    repository.commit("a", _1_a="select 1;", _3_c="select 3;")
    repository.git("checkout", "-b", "feature")
    repository.commit("b", _2_b="select 2;")
    repository.git("checkout", "main")
    repository.commit("c", _4_d="select 4;")
    repository.git("merge", "--no-ff", "--no-commit", "feature")
    merge = repository.commit("merge", _1_a="select 9;")
    newest = find_texts(repository.migrations, "1").texts[0]
    assert (newest.commit, newest.data) == (merge, b"select 9;")


def test_a_version_is_no_pattern(repository: Repository) -> None:
    repository.commit("a", _1_a="select 1;", _2_b="select 2;")
    assert find_texts(repository.migrations, "*").texts == ()
    assert find_texts(repository.migrations, "[12]").texts == ()
    assert find_texts(repository.migrations, "").texts == ()


def test_many_versions_are_looked_up_at_once(repository: Repository) -> None:
    repository.commit("a", _1_a="select 1;", _10_b="select 2;", _2_c="select 3;")
    found = find_blobs(repository.migrations, ["10", "1", "3"])
    files = {version: [text.file for text in past.texts] for version, past in found.items()}
    assert files == {"10": ["10_b.sql"], "1": ["1_a.sql"], "3": []}


def test_a_version_is_a_whole_name_elsewhere(repository: Repository) -> None:
    repository.write("init.sql", "select 1;")
    repository.commit("a")
    assert [text.file for text in find_texts(repository.migrations, "init").texts] == ["init.sql"]


def test_texts_cannot_be_looked_up(tmp_path: Path) -> None:
    found = find_texts(tmp_path, "1")
    assert (found.texts, found.why_unknown) == ((), "no git repository holds the directory")


def test_texts_that_a_clone_lacks_are_missed(repository: Repository, tmp_path: Path) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.commit("a", _1_a="select 1;")
    clone = tmp_path / "clone"
    source = f"file://{repository.root}"
    repository.git("clone", "--filter=blob:none", "--no-checkout", source, str(clone))
    found = find_texts(clone / "migrations", "1")
    assert (found.texts, found.why_unknown[:15]) == ((), "the clone lacks")
    with pytest.raises(SourceError, match="the clone lacks"):
        read_directory_at(clone / "migrations", "HEAD")


def test_lines_and_who_wrote_them(repository: Repository) -> None:
    first = repository.commit("Add a", _1_a=LONG)
    lines = LONG.splitlines()
    lines[1:3] = ["select  2;", "   create table t (id int);"]
    second = repository.commit(
        "Edit\x1b a", author="Bob bob@example.org", _1_a="\n".join([*lines, ""])
    )
    path = repository.migrations / "1_a.sql"
    found = blame_lines(path, 1, 2)
    assert (found.commit, found.author, found.subject) == (second, "Bob bob", "Edit� a")
    assert (found.at, found.why_unknown) == (datetime(2026, 1, 2, 12, tzinfo=UTC), "")
    # The third line changed in white space alone.
    assert [blame_lines(path, line, line).commit for line in (1, 3)] == [first, first]


def test_lines_that_nobody_can_be_named_for(repository: Repository, tmp_path: Path) -> None:
    repository.commit("a", _1_a="select 1;\nselect 2;\n")
    path = repository.migrations / "1_a.sql"
    path.write_text("select 1;\nselect 3;\n")
    assert blame_lines(path, 1, 1).why_unknown == ""
    assert blame_lines(path, 1, 2).why_unknown == "the lines are not committed"
    assert "has only 2 lines" in blame_lines(path, 7, 8).why_unknown
    assert blame_lines(repository.migrations / "2_b.sql", 1, 1).why_unknown
    assert blame_lines(tmp_path / "a.sql", 1, 1).why_unknown


def test_lines_older_than_a_shallow_clone(repository: Repository, tmp_path: Path) -> None:
    repository.commit("a", _1_a=LONG)
    last = repository.commit("b", _1_a=f"{LONG}select 1;\n")
    repository.commit("c", _2_b=LONG)
    clone = tmp_path / "clone"
    repository.git("clone", "--depth=2", f"file://{repository.root}", str(clone))
    path = clone / "migrations" / "1_a.sql"
    assert "shallow" in blame_lines(path, 1, 1).why_unknown
    deeper = make_repository(clone)
    deeper.git("fetch", "--unshallow")
    assert blame_lines(path, 21, 21).commit == last


def test_blame_starts_no_program(repository: Repository, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    repository.write(".gitattributes", "*.sql filter=x diff=x\n", folder=".")
    repository.commit("a", _1_a="select 1;\n")
    for name in ("filter.x.clean", "diff.x.textconv"):
        repository.git("config", name, f"touch {canary}; cat")
    repository.git("config", "blame.ignoreRevsFile", "nowhere")
    assert blame_lines(repository.migrations / "1_a.sql", 1, 1).why_unknown == ""
    assert not canary.exists()


def test_a_version_is_found_under_the_names_of_other_tools(repository: Repository) -> None:
    for name in ("20250101000000_a/migration.sql", "V01.2_0__b.sql"):
        path = repository.migrations / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"select '{name}';", encoding="utf-8")
    repository.commit("a")
    [folder] = find_texts(repository.migrations, "20250101000000_a").texts
    assert (folder.file, folder.data[:10]) == ("20250101000000_a", b"select '20")
    [file] = find_texts(repository.migrations, "1.2").texts
    assert file.file == "V01.2_0__b.sql"

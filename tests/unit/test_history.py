"""Who added, edited, renamed and deleted a file: an edit after applying is proved by it."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.unit.repository import LONG, make_repository

from driftbook.migrations import git
from driftbook.migrations.log import read_history
from driftbook.migrations.stories import find_stories

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.repository import Repository

    from driftbook.migrations.history import History
    from driftbook.migrations.stories import FileStory


def list_deleted(history: History) -> list[tuple[str, str]]:
    stories = (one for one in find_stories(history) if one.deleted_in)
    return [(one.file, one.deleted_in) for one in stories if one.file not in history.files]


def tell_events(history: History) -> list[tuple[str, str, str]]:
    return [(event.kind.value, event.old_file, event.file) for event in history.events]


def find_story(history: History, file: str) -> FileStory:
    (story,) = [story for story in find_stories(history) if story.file == file]
    return story


def test_an_edit_after_the_first_commit(repository: Repository) -> None:
    first = repository.commit("Add users", _1_a="select 1;")
    second = repository.commit("Fix users", author="Bob", _1_a="select 2;")
    history = read_history(repository.migrations)
    assert [(commit.hash, commit.added, commit.edited) for commit in history.commits] == [
        (first, 1, 0),
        (second, 0, 1),
    ]
    assert history.commits[0].at == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert [commit.author for commit in history.commits] == ["Ada", "Bob"]
    assert [commit.subject for commit in history.commits] == ["Add users", "Fix users"]
    assert (history.branch, history.files, history.why_unknown) == ("main", ("1_a.sql",), "")
    story = find_story(history, "1_a.sql")
    assert (story.first_commit, story.author, story.edits) == (first, "Ada", (second,))
    assert story.first_at == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_rename_is_followed_and_its_edit_is_told(repository: Repository) -> None:
    first = repository.commit("a", _1_a=LONG)
    second = repository.commit("b", _1_a=None, _2_b=f"{LONG}select 1;")
    third = repository.commit("c", _2_b=None, _3_c=f"{LONG}select 1;")
    history = read_history(repository.migrations)
    assert tell_events(history) == [
        ("added", "", "1_a.sql"),
        ("renamed", "1_a.sql", "2_b.sql"),
        ("edited", "", "2_b.sql"),
        ("renamed", "2_b.sql", "3_c.sql"),
    ]
    (story,) = find_stories(history)
    assert story.names == ("1_a.sql", "2_b.sql", "3_c.sql")
    assert (story.first_commit, story.edits) == (first, (second,))
    assert (story.renames, story.deleted_in) == ((second, third), "")
    assert list_deleted(history) == []


def test_a_deleted_file_is_named_with_its_commit_until_it_is_back(repository: Repository) -> None:
    repository.commit("a", _1_a="select 1;", _2_b="select 2;")
    gone = repository.commit("b", _1_a=None)
    history = read_history(repository.migrations)
    assert list_deleted(history) == [("1_a.sql", gone)]
    back = repository.commit("c", _1_a="select 3;")
    history = read_history(repository.migrations)
    assert list_deleted(history) == []
    story = find_story(history, "1_a.sql")
    assert (story.edits, story.deleted_in) == ((back,), "")


def test_a_squash(repository: Repository) -> None:
    files = {f"_{number}_a": f"select {number};" for number in range(12)}
    repository.commit("a", **files)
    repository.commit("b", **dict.fromkeys(files), _99_all="create schema everything;")
    first, second = read_history(repository.migrations).commits
    assert (first.is_squash, second.is_squash) == (False, True)
    assert (second.deleted, second.added) == (12, 1)


def test_a_branch_that_was_never_merged(repository: Repository) -> None:
    repository.commit("a", _1_a="select 1;")
    repository.git("checkout", "-b", "feature")
    other = repository.commit("b", _1_a="select 2;", _2_b="select 2;")
    repository.git("checkout", "main")
    history = read_history(repository.migrations)
    assert [commit.on_branch for commit in history.commits] == [True, False]
    assert find_story(history, "1_a.sql").edits == ()
    story = find_story(history, "2_b.sql")
    assert (story.first_commit, story.on_branch) == (other, False)
    assert list_deleted(history) == []


def test_a_merge_counts_for_what_it_changed_itself(repository: Repository) -> None:
    repository.commit("a", _1_a="select 1;")
    repository.git("checkout", "-b", "feature")
    repository.commit("b", _2_b="select 2;")
    repository.git("checkout", "main")
    repository.commit("c", _3_c="select 3;")
    repository.git("merge", "--no-ff", "-m", "plain", "feature")
    history = read_history(repository.migrations)
    assert [commit.subject for commit in history.commits] == ["a", "b", "c"]
    assert all(commit.on_branch for commit in history.commits)
    repository.git("checkout", "feature")
    repository.commit("d", _4_d="select 4;")
    repository.git("checkout", "main")
    repository.git("merge", "--no-ff", "--no-commit", "feature")
    repository.commit("evil", _4_d="select 5;", _5_e="select 5;")
    last = read_history(repository.migrations).commits[-1]
    assert (last.subject, last.added, last.edited) == ("evil", 1, 1)


def test_what_is_not_committed(repository: Repository) -> None:
    repository.write(".gitignore", "9_*", folder=".")
    repository.commit("a", _1_a="1", _2_b="2", _3_c="3")
    for name in ("1_a.sql", "4_d.sql", "9_z.sql", "notes.txt", "sub/5_e.sql"):
        repository.write(name, "new")
    (repository.migrations / "3_c.sql").unlink()
    history = read_history(repository.migrations)
    assert history.uncommitted == ("1_a.sql", "3_c.sql", "4_d.sql", "9_z.sql")
    assert history.files == ("1_a.sql", "2_b.sql", "4_d.sql", "9_z.sql")
    assert list_deleted(history) == []


def test_only_sql_files_of_the_directory_itself_count(repository: Repository) -> None:
    for name in ("1_a.SQL", "notes.txt", "sub/2_b.sql", "[x]?.sql"):
        repository.write(name)
    repository.write("3_c.sql", folder="other")
    repository.commit("a")
    assert tell_events(read_history(repository.migrations)) == [
        ("added", "", "1_a.SQL"),
        ("added", "", "[x]?.sql"),
    ]
    assert tell_events(read_history(repository.migrations / "sub")) == [("added", "", "2_b.sql")]


def test_a_stash_is_no_branch(repository: Repository) -> None:
    repository.commit("a", _1_a="select 1;")
    repository.write("1_a.sql", "select 2;")
    repository.git("stash")
    assert len(read_history(repository.migrations).commits) == 1


def test_a_directory_that_was_moved_is_followed(repository: Repository) -> None:
    first = repository.commit("a", _1_a=LONG, _2_b="select 2;", _3_c="select 3;")
    (repository.root / "supabase").mkdir()
    repository.git("mv", "migrations", "supabase/migrations")
    repository.write("2_b.sql", "something else;", folder="supabase/migrations")
    moved = repository.commit("b")
    repository.commit("c", _9_leftover="select 9;")
    history = read_history(repository.root / "supabase" / "migrations")
    assert tell_events(history)[3:] == [("edited", "", "2_b.sql")]
    assert [commit.hash for commit in history.commits] == [first, moved]
    assert find_story(history, "1_a.sql").first_commit == first
    assert list_deleted(history) == []


def test_files_that_come_back_from_an_archive_were_deleted(repository: Repository) -> None:
    repository.commit("a", _1_a="select 1;", _2_b="select 2;", _3_c="select 3;")
    repository.git("mv", "migrations", "archive")
    repository.commit("b")
    repository.git("mv", "archive", "migrations")
    repository.commit("c")
    kinds = [kind for kind, _, _ in tell_events(read_history(repository.migrations))]
    assert kinds == ["added"] * 3 + ["deleted"] * 3 + ["added"] * 3


def test_a_shallow_clone_says_that_it_is_cut(repository: Repository, tmp_path: Path) -> None:
    repository.commit("a", _1_a="select 1;", _2_b="select 2;")
    repository.commit("b", _2_b="select 3;")
    last = repository.commit("c", _1_a="select 4;", _3_c="select 5;")
    clone = tmp_path / "clone"
    repository.git("clone", "--depth=2", f"file://{repository.root}", str(clone))
    history = read_history(clone / "migrations")
    assert "shallow" in history.why_unknown
    # The oldest commit of the clone did not add what it holds.
    assert tell_events(history) == [("edited", "", "1_a.sql"), ("added", "", "3_c.sql")]
    story = find_story(history, "1_a.sql")
    assert (story.first_commit, story.first_at, story.edits) == ("", None, (last,))


def test_a_clone_without_texts_fetches_nothing(repository: Repository, tmp_path: Path) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.commit("a", _1_a=LONG)
    repository.commit("b", _1_a=None, _2_b=f"{LONG}select 1;")
    clone, canary = tmp_path / "clone", tmp_path / "canary"
    source = f"file://{repository.root}"
    repository.git("clone", "--filter=blob:none", "--no-checkout", source, str(clone))
    partial = make_repository(clone)
    partial.git("config", "remote.origin.uploadpack", f"touch {canary}; git-upload-pack")
    history = read_history(clone / "migrations")
    assert "texts are missing" in history.why_unknown
    assert [kind for kind, _, _ in tell_events(history)] == ["added", "deleted", "added"]
    assert not canary.exists()


def test_a_repository_without_a_commit(repository: Repository) -> None:
    repository.write("1_a.sql")
    history = read_history(repository.migrations)
    assert (history.commits, history.why_unknown) == ((), "")
    assert history.uncommitted == history.files == ("1_a.sql",)


def test_without_a_repository_the_reason_is_said(tmp_path: Path) -> None:
    assert read_history(tmp_path).why_unknown == "no git repository holds the directory"
    assert read_history(tmp_path / "nowhere").why_unknown


def test_a_bare_repository_has_no_directory(repository: Repository) -> None:
    assert "no git work tree" in read_history(repository.root / ".git").why_unknown


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files to another user")
def test_a_repository_of_another_user(repository: Repository) -> None:
    repository.commit("a", _1_a="select 1;")
    for path in (repository.root, repository.root / ".git"):
        os.chown(path, 12345, 12345)
    assert "another user" in read_history(repository.migrations).why_unknown


def test_without_git(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository.root))
    assert read_history(repository.migrations).why_unknown == "git is not installed"


def test_an_answer_that_takes_too_long_or_is_too_large(repository: Repository) -> None:
    repository.commit("a", _1_a=LONG)
    late = git.ask_git(repository.root, "cat-file", "--batch-all-objects", "--batch", seconds=0)
    assert late.why in {"", "git gave no answer within 0 seconds"}  # a fast one may be in time
    large = git.ask_git(repository.root, "cat-file", "blob", "HEAD:migrations/1_a.sql", limit=9)
    assert (large.data, large.why[:24]) == (b"", "the answer of git is lar")


def test_hostile_names_and_words(repository: Repository) -> None:
    hostile = "1_\x1b[31m\nx\x01.sql"
    repository.write(hostile)
    (repository.migrations / os.fsdecode(b"2_\xff.sql")).write_text("select 1;")
    subject = "M\x1b[2J\u202e <ada@example.org>\x01\x07"
    repository.commit(subject, author="Eve\x1b]0;x\x07 eve@example.org")
    history = read_history(repository.migrations)
    assert history.files == (hostile, os.fsdecode(b"2_\xff.sql"))
    assert tuple(event.file for event in history.events) == history.files
    (commit,) = history.commits
    assert commit.subject == "M�[2J� ada��"
    assert commit.author == "Eve�]0;x� eve"
    assert "@" not in repr(history)


def test_words_in_other_scripts_are_kept(repository: Repository) -> None:
    repository.commit("表を追加 — “users”", author="José 山田", _1_a="select 1;")
    (commit,) = read_history(repository.migrations).commits
    assert (commit.author, commit.subject) == ("José 山田", "表を追加 — “users”")


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(["log.showSignature=true", "gpg.program={}"], id="signatures"),
        pytest.param(["filter.x.clean={}", "filter.x.required=true"], id="a filter"),
        pytest.param(["filter.x.process={}"], id="a filter that stays"),
        pytest.param(["filter.a=b.clean={}"], id="a filter with a sign in its name"),
        pytest.param(["diff.x.textconv={}"], id="a text conversion"),
        pytest.param(["diff.x.command={}", "diff.external={}"], id="a diff"),
        pytest.param(["core.fsmonitor={}", "core.pager={}", "pager.log={}"], id="a pager"),
    ],
)
def test_nothing_of_the_repository_runs(
    repository: Repository, tmp_path: Path, settings: list[str]
) -> None:
    canary, program = tmp_path / "canary", tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {canary}\ncat\n")
    program.chmod(0o755)
    repository.write(".gitattributes", "*.sql filter=x diff=x\n9* filter=a=b\n", folder=".")
    repository.commit("a", _1_a="select 1;", _9_b="select 1;")
    for setting in settings:
        name, _, value = setting.rpartition("=")
        repository.git("config", name, value.format(program))
    repository.write("1_a.sql", "select 2;")
    read_history(repository.migrations)
    assert not canary.exists()
    if "filter.x" in settings[0]:  # the canary is one: git by itself does start the program
        subprocess.run(["git", "status"], cwd=repository.root, check=True, capture_output=True)
        assert canary.exists()


def test_folders_of_a_tool_stand_for_its_files(repository: Repository) -> None:
    first, second = (repository.migrations / name / "migration.sql" for name in ("1_a", "2_b"))
    for path in (first, second):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("create table a (id int);\n" * 9, encoding="utf-8")
    repository.commit("add")
    second.write_text("select 1;", encoding="utf-8")
    repository.commit("edit")
    first.write_text("select 2;", encoding="utf-8")
    history = read_history(repository.migrations, "migration.sql")
    assert tell_events(history) == [
        ("added", "", "1_a"),
        ("added", "", "2_b"),
        ("edited", "", "2_b"),
    ]
    assert (history.files, history.uncommitted) == (("1_a", "2_b"), ("1_a",))

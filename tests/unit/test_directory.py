"""Which files of a directory run, in which order, under which version."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from driftbook.errors import ConfigError, SourceError
from driftbook.migrations.conventions import read_supabase_name
from driftbook.migrations.directory import MAX_FILE_BYTES, read_directory
from driftbook.migrations.git import git_state

if TYPE_CHECKING:
    from pathlib import Path


def fill(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("select 1;", encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "version", "name"),
    [
        ("20240101000000_add_users.sql", "20240101000000", "add_users"),
        ("0007_x.sql", "0007", "x"),
        ("1__.sql", "1", "_"),
        ("1_.sql", "1", ""),
        ("1_a_2_b.sql", "1", "a_2_b"),
        ("1_a.up.sql", "1", "a.up"),
        ("1_a\nb.sql", "1", "a\nb"),
        ("1.sql", "", "1.sql"),
        ("a_1.sql", "", "a_1.sql"),
        ("1_a.SQL", "", "1_a.SQL"),
        ("1_a.sql\n", "", "1_a.sql\n"),
        ("1_a.sql.bak", "", "1_a.sql.bak"),
        ("-1_a.sql", "", "-1_a.sql"),
        ("\u0661_a.sql", "", "\u0661_a.sql"),
    ],
)
def test_names_as_the_cli_reads_them(file: str, version: str, name: str) -> None:
    found = read_supabase_name(file, 3)
    assert (found.version, found.name) == (version, name)
    assert bool(found.why) == (version == "")


@pytest.mark.parametrize(
    ("file", "place", "runs"),
    [
        ("20211208999999_init.sql", 0, False),
        ("20211208999999_init.sql", 1, True),
        ("20211209000000_init.sql", 0, True),
        ("1234567_init.sql", 0, True),
    ],
)
def test_the_deprecated_first_file(file: str, place: int, runs: bool) -> None:  # noqa: FBT001
    assert bool(read_supabase_name(file, place).why) is not runs


def test_the_order_is_that_of_the_bytes_of_names(tmp_path: Path) -> None:
    names = ["20240101_b.sql", "2024_a.sql", "9_a.sql", "10_a.sql", "1_é.sql", "1_z.sql"]
    fill(tmp_path, *names)
    found = read_directory(tmp_path)
    assert [file.path.name for file in found.files] == [
        "10_a.sql",
        "1_z.sql",
        "1_é.sql",
        "20240101_b.sql",
        "2024_a.sql",
        "9_a.sql",
    ]


def test_what_never_runs_is_listed(tmp_path: Path) -> None:
    fill(tmp_path, "1_a.sql", "notes.sql", "README.md")
    (tmp_path / "2_folder.sql").mkdir()
    found = read_directory(tmp_path)
    assert [entry.name for entry in found.skipped] == ["README.md", "notes.sql"]


def test_duplicate_versions(tmp_path: Path) -> None:
    fill(tmp_path, "1_a.sql", "1_b.sql", "01_c.sql")
    facts = {file.path.name: file.facts for file in read_directory(tmp_path).files}
    assert facts == {
        "01_c.sql": (),
        "1_a.sql": ("duplicate-version",),
        "1_b.sql": ("duplicate-version",),
    }


@pytest.mark.parametrize(
    ("data", "facts", "unsendable"),
    [
        (b"\xef\xbb\xbfselect 1", ("file-bytes:byte-order-mark",), ""),
        (b"select '\xe9'", ("file-bytes:not-utf-8",), "file-bytes:not-utf-8"),
        (b"select 1\0", ("file-bytes:nul",), "file-bytes:nul"),
        (b"", (), ""),
    ],
)
def test_bytes(tmp_path: Path, data: bytes, facts: tuple[str, ...], unsendable: str) -> None:
    (tmp_path / "1_a.sql").write_bytes(data)
    file = read_directory(tmp_path).files[0]
    assert (file.data, file.facts, file.unsendable) == (data, facts, unsendable)


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "1_a.sql").open("wb") as stream:
        stream.truncate(MAX_FILE_BYTES + 1)
    file = read_directory(tmp_path).files[0]
    assert (file.data, file.unsendable) == (b"", "file-bytes:too-large")


def test_plain_takes_every_sql_file(tmp_path: Path) -> None:
    fill(tmp_path, "b.sql", "a.sql", "1_c.sql", "notes.txt")
    found = read_directory(tmp_path, convention="plain")
    assert [file.version for file in found.files] == ["1_c", "a", "b"]


@pytest.mark.parametrize(("name", "convention"), [("1_a.sql", "supabase"), ("a.sql", "plain")])
def test_auto_goes_by_the_names(tmp_path: Path, name: str, convention: str) -> None:
    fill(tmp_path, name)
    assert read_directory(tmp_path, convention="auto").convention == convention


def test_an_unknown_convention(tmp_path: Path) -> None:
    fill(tmp_path, "1_a.sql")
    with pytest.raises(ConfigError, match="no convention 'liquibase'"):
        read_directory(tmp_path, convention="liquibase")


def test_a_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no directory"):
        read_directory(tmp_path / "nowhere")


def test_a_file_instead_of_a_directory(tmp_path: Path) -> None:
    fill(tmp_path, "1_a.sql")
    with pytest.raises(SourceError, match="is not a directory"):
        read_directory(tmp_path / "1_a.sql")


def test_a_directory_without_migrations_names_what_it_passed_over(tmp_path: Path) -> None:
    fill(tmp_path, "schema.sql", "notes.txt")
    with pytest.raises(
        SourceError, match=r"holds no migration; passed over: 'schema\.sql'"
    ) as info:
        read_directory(tmp_path)
    assert "<digits>_<name>.sql" in str(info.value)


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "1_a.sql").symlink_to(tmp_path / "gone")
    with pytest.raises(SourceError, match=r"'1_a\.sql' cannot be read"):
        read_directory(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "1_a.sql")
    with pytest.raises(SourceError, match="no regular file"):
        read_directory(tmp_path)


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_git_state(tmp_path: Path) -> None:
    assert git_state(tmp_path) == ""
    git(tmp_path, "init", "-b", "main")
    assert git_state(tmp_path) == ""
    fill(tmp_path, "1_a.sql")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "a")
    assert git_state(tmp_path).endswith(" (main, clean)")
    fill(tmp_path, "2_b.sql")
    assert git_state(tmp_path).endswith(" (main, changed)")
    assert git_state(tmp_path / "nowhere") == ""


def test_git_runs_nothing_of_the_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "-b", "main")
    fill(tmp_path, "1_a.sql")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "a")
    canary = tmp_path / "canary"
    git(tmp_path, "config", "core.fsmonitor", f"touch {canary}; true")
    assert git_state(tmp_path).endswith(" (main, clean)")
    assert not canary.exists()

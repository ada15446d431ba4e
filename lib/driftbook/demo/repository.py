"""The team's repository: the migration files with the commits that made them what they are."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.demo.wounds import EDITED, MIGRATIONS, SQL
from driftbook.migrations.directory import read_directory
from driftbook.migrations.git import ask_git

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "supabase/migrations"
TEAM = ("Ada Brook", "Ben Okafor", "Chiara Lind")
EDITED_AT = datetime(2025, 3, 4, 16, 20, tzinfo=UTC)
EDIT_MESSAGE = "Give orders a currency and a check"
BRANCH = "main"
LATER = timedelta(minutes=30)  # from the time of a version to its commit


@dataclass(frozen=True, slots=True)
class Commit:
    """One file written by one person at one time."""

    at: datetime
    message: str
    author: str
    name: str
    data: bytes


@contextmanager
def write_repository(until: datetime | None = None) -> Iterator[Path]:
    """Yield the migrations directory of a repository that is gone after the block.

    With ``until`` it is as it was at that moment. Every file is committed half an hour after the
    time of its version, one of them with the text that it had when it was applied; the edit is a
    commit of its own. Without git the directory is a plain one. The same commits have the same
    hashes everywhere.
    """
    with tempfile.TemporaryDirectory(prefix="driftbook-demo-") as name:
        top = Path(name)
        folder = top / FOLDER
        folder.mkdir(parents=True)
        commits = [one for one in list_commits() if until is None or one.at < until]
        for commit in commits:
            (folder / commit.name).write_bytes(commit.data)
        ask_git(top, "init", "--quiet", f"--initial-branch={BRANCH}")
        stream = b"".join(map(_spell_commit, commits)) + b"done\n"
        if not ask_git(top, "fast-import", "--quiet", "--done", given=stream).why:
            ask_git(top, "reset", "--quiet")  # the index, so that nothing looks uncommitted
        yield folder


def list_commits() -> list[Commit]:
    """Return the team's commits, oldest first."""
    commits = []
    for place, file in enumerate(read_directory(MIGRATIONS).files):
        author = TEAM[place % len(TEAM)]
        data = file.data
        if file.version == EDITED:
            data = (SQL / "edited" / file.path.name).read_bytes()
            commits.append(Commit(EDITED_AT, EDIT_MESSAGE, author, file.path.name, file.data))
        at = datetime.strptime(file.version, "%Y%m%d%H%M%S").replace(tzinfo=UTC) + LATER
        message = file.name.replace("_", " ").capitalize()
        commits.append(Commit(at, message, author, file.path.name, data))
    return sorted(commits, key=lambda commit: commit.at)


def _spell_commit(commit: Commit) -> bytes:
    """Return a commit as ``git fast-import`` reads it."""
    author = f"{commit.author} <> {int(commit.at.timestamp())} +0000"
    return (
        (
            f"commit refs/heads/{BRANCH}\nauthor {author}\ncommitter {author}\n"
            f"data {len(commit.message.encode())}\n{commit.message}\n"
            f"M 100644 inline {FOLDER}/{commit.name}\ndata {len(commit.data)}\n"
        ).encode()
        + commit.data
        + b"\n"
    )

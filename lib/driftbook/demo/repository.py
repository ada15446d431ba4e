"""The team's repository: the migration files with the commits that made them what they are."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.demo.wounds import EDITED, MIGRATIONS, SQL
from driftbook.migrations.directory import read_directory
from driftbook.migrations.git import ask_git

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.migrations.directory import MigrationFile

FOLDER = "supabase/migrations"
TEAM = ("Ada Brook", "Ben Okafor", "Chiara Lind")
EDITED_AT = datetime(2025, 3, 4, 16, 20, tzinfo=UTC)
EDIT_MESSAGE = "Give orders a currency and a check"
BRANCH = "main"


@contextmanager
def write_repository() -> Iterator[Path]:
    """Yield the migrations directory of a repository that is gone after the block.

    Every file is committed half an hour after the time of its version, one of them with the text
    that it had when it was applied; the edit is a commit of its own. Without git the directory
    is a plain one. The same commits have the same hashes everywhere.
    """
    with tempfile.TemporaryDirectory(prefix="driftbook-demo-") as name:
        top = Path(name)
        folder = top / FOLDER
        shutil.copytree(MIGRATIONS, folder)
        ask_git(top, "init", "--quiet", f"--initial-branch={BRANCH}")
        stream = b"".join(_write_commits(read_directory(MIGRATIONS).files)) + b"done\n"
        if not ask_git(top, "fast-import", "--quiet", "--done", given=stream).why:
            ask_git(top, "reset", "--quiet")  # the index, so that nothing looks uncommitted
        yield folder


def _write_commits(files: tuple[MigrationFile, ...]) -> Iterator[bytes]:
    """Yield commits as ``git fast-import`` reads them, oldest first."""
    commits = []
    for place, file in enumerate(files):
        text = file.data
        if file.version == EDITED:
            text = (SQL / "edited" / file.path.name).read_bytes()
            commits.append((EDITED_AT, EDIT_MESSAGE, file.path.name, file.data, place))
        at = datetime.strptime(file.version, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        message = file.name.replace("_", " ").capitalize()
        commits.append((at + timedelta(minutes=30), message, file.path.name, text, place))
    for at, message, name, data, place in sorted(commits):
        author = f"{TEAM[place % len(TEAM)]} <> {int(at.timestamp())} +0000"
        yield (
            (
                f"commit refs/heads/{BRANCH}\nauthor {author}\ncommitter {author}\n"
                f"data {len(message.encode())}\n{message}\nM 100644 inline {FOLDER}/{name}\n"
                f"data {len(data)}\n"
            ).encode()
            + data
            + b"\n"
        )

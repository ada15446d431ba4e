"""Small git repositories with known authors and dates."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LONG = "create table t (id int);\n" * 20  # so long that a line more is a small edit


@dataclass
class Repository:
    """A repository whose commits are one day apart, from 2026-01-01 on, by Ada."""

    root: Path
    day: int = 0

    @property
    def migrations(self) -> Path:
        return self.root / "migrations"

    def git(self, *arguments: str, author: str = "Ada", day: int | None = None) -> str:
        at = f"2026-01-{day or max(self.day, 1):02}T12:00:00Z"
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_AUTHOR_NAME": author,
            "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z",  # the committer's counts
            "GIT_COMMITTER_NAME": "Bot",
            "GIT_COMMITTER_EMAIL": "bot@example.org",
            "GIT_COMMITTER_DATE": at,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        command = ["git", "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(
            command, cwd=self.root, env=environment, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def write(self, name: str, text: str = LONG, folder: str = "migrations") -> None:
        path = self.root / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def commit(self, subject: str, author: str = "Ada", **files: str | None) -> str:
        """Write ``files``, ``_1_a`` for ``1_a.sql``; ``None`` removes one; return the hash."""
        for name, text in files.items():
            if text is None:
                (self.migrations / f"{name[1:]}.sql").unlink()
            else:
                self.write(f"{name[1:]}.sql", text)
        self.day += 1
        self.git("add", "-A")
        self.git("commit", "--allow-empty", "-m", subject, author=author)
        return self.head()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD")[:12]


def make_repository(root: Path) -> Repository:
    root.mkdir(parents=True, exist_ok=True)
    repository = Repository(root)
    repository.git("init", "-b", "main")
    return repository

"""The git history of a migrations directory: who added, edited, renamed, deleted what, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - stored audits are checked against it
from enum import StrEnum

SQUASHED_FILES = 10  # so many deleted in one commit, and one added: a squash


class FileEventKind(StrEnum):
    """What a commit did to a file."""

    ADDED = "added"
    EDITED = "edited"
    RENAMED = "renamed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class FileEvent:
    """One commit's deed to one migration file; a rename with other text is two of them.

    Attributes:
        commit: The first 12 digits of its hash.
        file: Name of the file after the commit; of a deleted one, the name it had.
        kind: What was done.
        old_file: Name before a rename, else empty.
    """

    commit: str
    file: str
    kind: FileEventKind
    old_file: str = ""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit that touched the directory.

    Attributes:
        hash: The first 12 digits.
        at: Committer's time, UTC.
        author: Name of the author; never an address.
        subject: First line of the message.
        added: Files of the directory that it added; ``edited``, ``renamed``, ``deleted`` alike.
        on_branch: Whether the checked-out branch has it.
    """

    hash: str
    at: datetime
    author: str
    subject: str
    added: int = 0
    edited: int = 0
    renamed: int = 0
    deleted: int = 0
    on_branch: bool = True

    @property
    def is_squash(self) -> bool:
        """Return whether it replaced many files by few."""
        return self.deleted >= SQUASHED_FILES and 1 <= self.added < self.deleted


@dataclass(frozen=True, slots=True)
class History:
    """What git knows of a directory, oldest commit first.

    Attributes:
        commits: That touched a migration file, on any branch.
        events: In the order of the commits, then by file.
        uncommitted: Names of files that are not committed, or changed or deleted since.
        files: Names of the files that the directory holds now.
        branch: The checked-out one; empty when detached or unknown.
        why_unknown: Why nothing is known, or, beside commits, what is not; empty when git
            answered in full.
    """

    commits: tuple[Commit, ...] = ()
    events: tuple[FileEvent, ...] = ()
    uncommitted: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    branch: str = ""
    why_unknown: str = ""

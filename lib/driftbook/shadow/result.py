"""What a replay says: files, notes, failures and two snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.failures import FailureClass
    from driftbook.model import ObjectRef
    from driftbook.shadow.failures.subject import Subject
    from driftbook.shadow.prepare import Prepared

Platform = Literal["supabase", "plain"]
Mode = Literal["survey", "strict"]
Status = Literal["applied", "failed", "skipped", "not-reached"]
Reason = Literal[
    "server", "file-bytes", "time", "open-transaction", "client-command", "placeholder", "tool"
]


@dataclass(frozen=True, slots=True)
class Note:
    """A statement that was not sent as it is written; nothing is changed without one.

    Attributes:
        kind: ``extension-stubbed``, ``concurrently-removed``, …
        file: Empty for what the platform needed.
        statement_no: From 1; 0 for something that is in no statement.
        line: From 1; 0 as above.
        object: What it is about.
        done: What was done instead, in words.
        effect: What it means for the comparison: ``none``, ``data only``, ``version not
            compared``, or ``unchecked: …``.
        withheld: What was not made, as :class:`~driftbook.shadow.withheld.Withheld` names it.
    """

    kind: str
    file: str
    statement_no: int
    line: int
    object: str
    done: str
    effect: str = "none"
    withheld: tuple[ObjectRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a file fails.

    Attributes:
        kind: Its class.
        object: What is missing or there already, in words; empty when it is about none.
        why: Half a sentence; empty when the message says it all.
        root: File that a cascade goes back to; empty for a root.
        used_by: How many files name the object.
        subject: The missing object.
    """

    kind: FailureClass
    object: str = ""
    why: str = ""
    root: str = ""
    used_by: int = 0
    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """The first error of a file.

    Attributes:
        statement_no: From 1; 0 when no statement is to blame.
        line: Line of the error where the server tells it, else of the statement's first word.
        column: Column of the same place.
        statement_line: Line of the statement's first word.
        reason: Who refused: the server, or we before it was asked.
        cause: Why; ``None`` until the whole replay is known.
    """

    file: str
    version: str
    statement_no: int
    line: int
    column: int
    sqlstate: str
    message: str
    hint: str = ""
    statement_line: int = 0
    reason: Reason = "server"
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file."""

    version: str
    file: str
    status: Status
    statements: int
    seconds: float
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class Reuse:
    """What of a replay came from the cache.

    Attributes:
        files: How many files were not run again.
        rebuilt: An entry was damaged or stale: it was not used, and is gone.
    """

    files: int = 0
    rebuilt: bool = False


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """A replay: its database stays on the server until that stops.

    Attributes:
        prepared: Its database, for round trips, closed to the superuser for good; and its role.
        files: In file order, also those that were not run.
        notes: In file order.
        platform: The schema before the first file.
        expected: The schema after the last one.
        prelude: ``supabase 4`` or ``plain``.
    """

    prepared: Prepared
    files: tuple[FileResult, ...]
    notes: tuple[Note, ...]
    platform: Snapshot
    expected: Snapshot
    prelude: str
    mode: Mode = "survey"
    reuse: Reuse = Reuse()

    @property
    def database(self) -> str:
        """Return the name of the database that holds the schema after the last file."""
        return self.prepared.database

    @property
    def role(self) -> str:
        """Return who ran the files; its password is known to the server object."""
        return self.prepared.role

    @property
    def withheld(self) -> tuple[ObjectRef, ...]:
        """Return what the files make and this server could not."""
        return tuple(ref for note in self.notes for ref in note.withheld)

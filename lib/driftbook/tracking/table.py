"""What the tracking table holds, in one form for all migration tools."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class TrackingStatus(StrEnum):
    """What is known about the tracking table."""

    READABLE = "readable"
    EMPTY = "empty"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    UNDECIDED = "undecided"  # it was read, and does not tell which files are applied
    ASSUMED = "assumed"  # there is none: every file is taken as applied


KNOWN = frozenset({TrackingStatus.READABLE, TrackingStatus.EMPTY, TrackingStatus.ASSUMED})


class Outcome(StrEnum):
    """What a row says of its migration."""

    DONE = "done"
    FAILED = "failed"  # it began and did not end
    UNDONE = "undone"  # taken back, or declared to be gone
    BASELINE = "baseline"  # the database had it before the tool came
    UNDECIDED = "undecided"  # it was read, and does not tell which files are applied
    ASSUMED = "assumed"  # no row says so


@dataclass(frozen=True, slots=True)
class TrackingRow:
    """One recorded version; what a tool does not record is ``None``.

    Attributes:
        version: As text, as the file has it.
        name: Recorded title.
        statements: What was sent, cut as it was.
        xid: The transaction that wrote the row, as far as the server still tells.
        is_witnessed: Whether an object that is still there was written by the same transaction.
        checksum: Of the file, as the tool writes it.
        outcome: How the migration went.
        finished_at: When it was done, in ISO 8601, as the server said it.
        when: Milliseconds since 1970 by which a time line of files knows the row.
    """

    version: str
    name: str | None
    statements: tuple[str, ...] | None
    xid: int | None = None
    is_witnessed: bool = False
    checksum: str | None = None
    outcome: Outcome = Outcome.DONE
    finished_at: str | None = None
    when: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A privilege that somebody other than the owner holds on the tracking table.

    Attributes:
        grantee: A role, or PUBLIC.
        privilege: ``INSERT``, ``SELECT``, ``USAGE``, …
        on: ``table``, ``schema`` or ``column``.
    """

    grantee: str
    privilege: str
    on: str


@dataclass(frozen=True, slots=True)
class Tracking:
    """The tracking table as the session saw it.

    Attributes:
        table: Qualified name; empty when the tool keeps none.
        status: What is known about it.
        rows: What it holds; once it was joined with the files, only what counts as applied.
        grants: Who holds what on it.
        why: It could not be read.
        fix: What to do about that.
        failed: Migrations that the tool recorded as failed: it runs nothing before that is
            cleared.
        outdated: Versions that ran and run again, for their files changed since.
    """

    table: str
    status: TrackingStatus
    rows: tuple[TrackingRow, ...] = ()
    grants: tuple[Grant, ...] = ()
    why: str = ""
    fix: str = ""
    failed: tuple[TrackingRow, ...] = ()
    outdated: frozenset[str] = field(default_factory=frozenset)

    @property
    def versions(self) -> frozenset[str] | None:
        """Return the applied versions; ``None`` when they are unknown."""
        if self.status not in KNOWN:
            return None
        return frozenset(row.version for row in self.rows) | self.outdated


def has_history(tracking: Tracking) -> bool:
    """Return whether the tool migrated the database from its first version on."""
    outcomes = {row.outcome for row in tracking.rows}
    return bool(outcomes) and Outcome.BASELINE not in outcomes

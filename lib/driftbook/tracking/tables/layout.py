"""What a reader of one tool's table is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.tracking.table import Outcome, TrackingRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from driftbook.migrations.directory import Directory
    from driftbook.tracking.table import Tracking

    Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Layout:
    """One tool's table.

    Attributes:
        columns: Those without which it is another tool's.
        read: A row from all its columns; the transaction is added by the caller.
        join: The table as files tell it: rows have the versions of files, and only what the tool
            takes as applied is among them.
    """

    columns: frozenset[str]
    read: Callable[[Record], TrackingRow]
    join: Callable[[Tracking, Directory], Tracking]


def keep(tracking: Tracking, directory: Directory) -> Tracking:
    """Return ``tracking`` as it is: a row is a version that is applied."""
    del directory
    return tracking


def text_of(record: Record, column: str) -> str | None:
    """Return a column as text; ``None`` when it is null, or not there."""
    value = record.get(column)
    return None if value is None else str(value)


def invent(version: str, outcome: Outcome) -> TrackingRow:
    """Return the row that the tool would have for a file which it takes as applied."""
    return TrackingRow(version, None, None, outcome=outcome)

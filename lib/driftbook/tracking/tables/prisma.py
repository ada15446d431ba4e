"""``_prisma_migrations``: a row per attempt, known by the name of the migration's directory.

An attempt without ``finished_at`` and ``rolled_back_at`` failed: Prisma runs nothing before it
is resolved.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.tracking.table import Outcome, Tracking, TrackingRow, TrackingStatus
from driftbook.tracking.tables.layout import Layout, text_of

if TYPE_CHECKING:
    from driftbook.migrations.directory import Directory
    from driftbook.tracking.tables.layout import Record


def _read(record: Record) -> TrackingRow:
    finished = text_of(record, "finished_at")
    outcome = Outcome.DONE if finished else Outcome.FAILED
    if record.get("rolled_back_at") is not None:
        outcome = Outcome.UNDONE
    return TrackingRow(
        text_of(record, "migration_name") or "",
        None,
        None,
        checksum=text_of(record, "checksum"),
        outcome=outcome,
        finished_at=finished,
    )


def _join(tracking: Tracking, directory: Directory) -> Tracking:
    del directory
    done = {row.version: row for row in tracking.rows if row.outcome is Outcome.DONE}
    failed = {row.version: row for row in tracking.rows if row.outcome is Outcome.FAILED}
    status = TrackingStatus.READABLE if done else TrackingStatus.EMPTY
    rows = tuple(done[version] for version in sorted(done))
    return replace(tracking, status=status, rows=rows, failed=tuple(failed.values()))


LAYOUT = Layout(
    frozenset({"migration_name", "checksum", "finished_at", "rolled_back_at"}), _read, _join
)

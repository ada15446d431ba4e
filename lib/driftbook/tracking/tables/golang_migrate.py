"""``schema_migrations(version bigint, dirty boolean)``: one row, the newest version.

The tool takes every file up to that version as applied. ``dirty`` means that the file of that
version began and did not end: what of it is there, nobody recorded.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.tracking.table import Outcome, Tracking, TrackingRow, TrackingStatus
from driftbook.tracking.tables.layout import Layout, invent, text_of

if TYPE_CHECKING:
    from driftbook.migrations.directory import Directory
    from driftbook.tracking.tables.layout import Record


def _read(record: Record) -> TrackingRow:
    outcome = Outcome.FAILED if record.get("dirty") else Outcome.DONE
    return TrackingRow(text_of(record, "version") or "", None, None, outcome=outcome)


def _join(tracking: Tracking, directory: Directory) -> Tracking:
    if not tracking.rows:
        return tracking
    newest = max(tracking.rows, key=lambda row: _size(row.version))
    if newest.outcome is Outcome.FAILED:
        return _refuse_dirty(tracking, newest, directory)
    applied = [
        file.version for file in directory.files if _size(file.version) <= _size(newest.version)
    ]
    rows = [invent(version, Outcome.DONE) for version in dict.fromkeys(applied)]
    if not any(_size(version) == _size(newest.version) for version in applied):
        rows.append(newest)  # its file is gone
    return replace(tracking, rows=tuple(rows))


def _refuse_dirty(tracking: Tracking, row: TrackingRow, directory: Directory) -> Tracking:
    size = _size(row.version)
    before = [file.version for file in directory.files if _size(file.version) < size]
    previous = before[-1] if before else "-1"
    return Tracking(
        tracking.table,
        TrackingStatus.UNDECIDED,
        grants=tracking.grants,
        why=f"golang-migrate left it dirty at version {row.version}: that file began and did not "
        "end, and migrate runs nothing before that is cleared",
        fix=f"look what of it is live; finish it by hand and run migrate force {row.version}, or "
        f"take it back by hand and run migrate force {previous}",
    )


def _size(version: str) -> int:
    return int(version) if version.lstrip("-").isascii() and version.lstrip("-").isdigit() else -1


LAYOUT = Layout(frozenset({"version", "dirty"}), _read, _join)

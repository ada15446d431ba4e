"""``drizzle.__drizzle_migrations(id, hash, created_at)``: a row per file that ran.

A row has the ``when`` of its entry in the journal. The tool runs every entry that is later than
the newest row: an older one that came later, by a merge, it never runs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.tracking.checksum import has_checksum
from driftbook.tracking.table import Tracking, TrackingRow
from driftbook.tracking.tables.layout import Layout, text_of

if TYPE_CHECKING:
    from driftbook.migrations.directory import Directory
    from driftbook.tracking.tables.layout import Record

TOOL = "drizzle"


def _read(record: Record) -> TrackingRow:
    when = text_of(record, "created_at") or ""
    name = text_of(record, "name")
    return TrackingRow(
        name or when,
        None,
        None,
        checksum=text_of(record, "hash"),
        when=int(when) if when.isascii() and when.isdigit() else None,
    )


def _join(tracking: Tracking, directory: Directory) -> Tracking:
    by_time = {file.when: file for file in directory.files if file.when is not None}
    rows: dict[str, TrackingRow] = {}
    lone = []
    for row in tracking.rows:
        file = by_time.get(row.when) if row.when is not None else None
        if file is None:
            lone.append(row)
        else:
            rows[file.version] = replace(row, version=file.version)
    # A journal that was written anew has other times: what the file says is still known.
    left = [file for file in directory.files if file.version not in rows]
    for row in lone:
        match = next((file for file in left if has_checksum(file, row.checksum or "", TOOL)), None)
        version = match.version if match else row.version
        rows.setdefault(version, replace(row, version=version))
        left = [file for file in left if file is not match]
    return replace(tracking, rows=tuple(rows[version] for version in sorted(rows)))


LAYOUT = Layout(frozenset({"hash", "created_at"}), _read, _join)

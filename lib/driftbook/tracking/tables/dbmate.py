"""``schema_migrations(version varchar)``: a row per applied version, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.tracking.table import TrackingRow
from driftbook.tracking.tables.layout import Layout, keep, text_of

if TYPE_CHECKING:
    from driftbook.tracking.tables.layout import Record


def _read(record: Record) -> TrackingRow:
    return TrackingRow(text_of(record, "version") or "", None, None)


LAYOUT = Layout(frozenset({"version"}), _read, keep)

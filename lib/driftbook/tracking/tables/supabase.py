"""``supabase_migrations.schema_migrations(version, statements, name)``: a row per version.

Tables of old versions of the CLI have ``version`` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.tracking.table import TrackingRow
from driftbook.tracking.tables.layout import Layout, keep, text_of

if TYPE_CHECKING:
    from driftbook.tracking.tables.layout import Record


def _read(record: Record) -> TrackingRow:
    statements = record.get("statements")
    return TrackingRow(
        text_of(record, "version") or "",
        text_of(record, "name"),
        tuple(map(str, statements)) if isinstance(statements, list) else None,
    )


LAYOUT = Layout(frozenset({"version"}), _read, keep)

"""What a record is evidence of: the transaction that wrote it tells more than what it says."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from driftbook.versions import Trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.tracking.table import TrackingRow


def find_trust(rows: Sequence[TrackingRow], *, batches: bool = False) -> dict[str, Trust]:
    """Return version → trust.

    The tool writes a row in the transaction of its file. A row that shares its transaction with
    others was written by an import or a repair: its equality with a file proves nothing about
    what ran. A row alone in its transaction proves something only with an object of the same one.

    Args:
        rows: What is recorded.
        batches: The tool runs all pending files in one transaction, and writes their rows there.
    """
    together = Counter(row.xid for row in rows)
    return {
        row.version: Trust.UNKNOWN
        if row.xid is None
        else Trust.BULK
        if together[row.xid] > 1 and not (batches and row.is_witnessed)
        else Trust.PUSHED
        if row.is_witnessed
        else Trust.UNKNOWN
        for row in rows
    }

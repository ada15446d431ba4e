"""What earlier audits saw: snapshots, facts and findings over time, in one file or database."""

from __future__ import annotations

from driftbook.history.past import FindingState, Found, Past, Spell, TrendPoint
from driftbook.history.record import Entry, record_audit
from driftbook.history.store import Store, find_store, open_store

__all__ = [
    "Entry",
    "FindingState",
    "Found",
    "Past",
    "Spell",
    "Store",
    "TrendPoint",
    "find_store",
    "open_store",
    "record_audit",
]

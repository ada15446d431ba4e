"""What changed between two audits, or between any two sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from driftbook.audit.compare import CompareOptions, compare_sources
from driftbook.drift.diff import diff_snapshots
from driftbook.errors import ConfigError
from driftbook.explore.display import Table, as_table
from driftbook.explore.frames import build_drift, describe_unread
from driftbook.history.rows import conceal_snapshot
from driftbook.progress import say_nothing

if TYPE_CHECKING:
    from driftbook.audit.evidence import Evidence
    from driftbook.config import Settings

WORDS = {"only_live": "came", "only_expected": "went", "altered": "altered"}
NAMES = {"expected": "before", "live": "after"}


def compare_audits(before: Evidence, after: Evidence) -> Table:
    """Return how the live side changed between two audits of one target.

    Secrets are redacted first: where one stands is no difference.

    Raises:
        ConfigError: An audit asked no database.
    """
    for evidence in (before, after):
        if evidence.live is None:
            raise ConfigError(
                f"audit {evidence.facts.audit_id} asked no database: its live side is not known",
                fix="compare the files: audit.diff(DIRECTORY@DAY, DIRECTORY)",
            )
    assert before.live is not None  # noqa: S101 - seen above
    assert after.live is not None  # noqa: S101 - seen above
    changes = diff_snapshots(conceal_snapshot(before.live), conceal_snapshot(after.live))
    times = [f"{one.facts.captured_at:%Y-%m-%d %H:%M}" for one in (before, after)]
    unread = describe_unread({**after.live.unread, **before.live.unread})
    note = f"From {times[0]} to {times[1]} UTC, the live side of both audits. {unread}"
    return _as_moves(changes, note.rstrip())


def compare_texts(before: str, after: str, settings: Settings) -> Table:
    """Return what differs from one source to another one, as they are written.

    Raises:
        ConfigError: One of them names no source.
        AuditError: One of them cannot be read.
    """
    found = compare_sources(before, after, settings, CompareOptions(), say_nothing)
    labels = (found.expected.source.label, found.live.source.label)
    gaps = f" {len(found.gaps)} things could not be compared." if found.gaps else ""
    return _as_moves(found.changes, f"From {labels[0]} to {labels[1]}.{gaps}")


def _as_moves(changes: pd.DataFrame, note: str) -> Table:
    frame = build_drift(changes).rename(columns=NAMES)
    frame["change"] = pd.Series([WORDS[word] for word in frame["change"]], dtype="str")
    return as_table(frame, "changes", note)

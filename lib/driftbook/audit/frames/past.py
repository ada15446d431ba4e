"""Findings over time as frames: open per audit, age of what is open, time to reconcile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from driftbook.audit.frames.columns import build_frame, declare
from driftbook.model import Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import pandas as pd

    from driftbook.history import Past
    from driftbook.model import Finding

TREND = declare("audit audited_at:utc critical:int high:int medium:int low:int info:int total:int")
AGES = declare("id severity kind object state first_seen:utc days_open:float")
RECONCILED = declare("id severity title opened:utc resolved:utc days_to_reconcile:float")
DAY = 86_400  # seconds
Times = dict[str, tuple[str, str]]


def build_trend(past: Past, rules: Collection[str]) -> pd.DataFrame:
    """Return one row per audit, oldest first, the audit itself last.

    Args:
        past: Of the audit.
        rules: Whose findings count.

    Returns:
        ``audit`` (str), ``audited_at`` (UTC), ``critical`` to ``info`` and ``total`` (int64).
    """
    counts = [(point, point.count(rules)) for point in past.trend]
    rows = (
        (
            point.audit_id,
            parse_time(point.audited_at),
            *(found[severity] for severity in Severity),
            sum(found.values()),
        )
        for point, found in counts
    )
    return build_frame(rows, TREND)


def build_ages(findings: Iterable[Finding], states: Times, audited_at: datetime) -> pd.DataFrame:
    """Return one row per finding whose past is known, the oldest first.

    Args:
        findings: Of the report.
        states: Id of a finding → its state and first sight.
        audited_at: When the audit looked.

    Returns:
        ``id``, ``severity``, ``kind``, ``object``, ``state`` (str), ``first_seen`` (UTC; also
        before the finding was resolved once), ``days_open`` (float64, since then).
    """
    known = [(finding, *states[finding.id]) for finding in findings if states[finding.id][1]]
    known.sort(key=lambda one: (one[2], one[0].severity.rank, one[0].key))
    rows = (
        (
            finding.id,
            finding.severity.value,
            finding.object.kind,
            finding.object.name,
            state,
            parse_time(first),
            count_days(parse_time(first), audited_at),
        )
        for finding, state, first in known
    )
    return build_frame(rows, AGES)


def build_reconciled(past: Past, rules: Collection[str]) -> pd.DataFrame:
    """Return findings that were resolved, the latest first, at most the last 50 of the target.

    Returns:
        ``id``, ``severity``, ``title`` (str), ``opened``, ``resolved`` (UTC),
        ``days_to_reconcile`` (float64): from the audit that saw it first to the one that did not.
    """
    rows = (
        (
            spell.id,
            spell.severity.value,
            spell.title,
            opened := parse_time(spell.opened_at),
            resolved := parse_time(spell.resolved_at),
            count_days(opened, resolved),
        )
        for spell in past.reconciled
        if spell.rule in rules
    )
    return build_frame(rows, RECONCILED)


def parse_time(text: str) -> datetime:
    """Return the UTC time that the history wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)


def count_days(start: datetime, end: datetime) -> float:
    """Return the days from ``start`` to ``end``, one decimal."""
    return round((end - start).total_seconds() / DAY, 1)

"""The history of a target for the command line: its audits, its findings, and its upkeep."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from driftbook.audit.frames.past import count_days, parse_time
from driftbook.errors import ConfigError, HistoryFailed
from driftbook.history import find_store
from driftbook.history.keep import prune_target, verify_store
from driftbook.history.read import list_targets, read_audits, read_findings
from driftbook.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftbook.audit.result import Json
    from driftbook.config import Settings
    from driftbook.history import Spell, Store
    from driftbook.history.read import AuditRow

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HEAD = ("audit", "captured at", "verdict", *Severity, "new", "resolved", "rows changed")
FINDING_HEAD = ("id", "severity", "state", "first seen", "last seen", "days", "title")


@dataclass(frozen=True, slots=True)
class Chronicle:
    """What is recorded of a target."""

    target: str
    audits: Sequence[AuditRow]
    findings: Sequence[Spell]

    def lines(self) -> list[str]:
        """Return a table of the audits, oldest first."""
        rows = [
            (
                row.point.audit_id,
                row.point.audited_at.replace("T", " ").removesuffix("Z"),
                row.verdict,
                *(str(count) for count in _count(row).values()),
                str(row.opened),
                str(row.resolved),
                f"+{row.came} -{row.went}",
            )
            for row in self.audits
        ]
        return align([HEAD, *rows])

    def finding_lines(self) -> list[str]:
        """Return a table of the findings: open ones first, the oldest at the top."""
        rows = [
            (
                spell.id,
                spell.severity.value,
                _describe_state(spell),
                spell.opened_at[:10],
                spell.last_seen_at[:10],
                f"{self._count_days(spell):.1f}",
                spell.title,
            )
            for spell in self.findings
        ]
        return align([FINDING_HEAD, *rows])

    def as_json(self) -> Json:
        """Return both tables as JSON values; ``days`` is the age or the time to reconcile."""
        return {
            "target": self.target,
            "audits": [
                {
                    "audit_id": row.point.audit_id,
                    "audited_at": row.point.audited_at,
                    "verdict": row.verdict,
                    "counts": {severity.value: count for severity, count in _count(row).items()},
                    "new": row.opened,
                    "resolved": row.resolved,
                    "rows_came": row.came,
                    "rows_went": row.went,
                }
                for row in self.audits
            ],
            "findings": [
                {
                    **spell.model_dump(mode="json", exclude={"parts", "why"}),
                    "state": _describe_state(spell),
                    "days": self._count_days(spell),
                }
                for spell in self.findings
            ],
        }

    def _count_days(self, spell: Spell) -> float:
        """Return how long a finding was open, to the last audit when it still is."""
        end = spell.resolved_at or self.audits[-1].point.audited_at
        return count_days(parse_time(spell.opened_at), parse_time(end))


def read_chronicle(target: str, settings: Settings, last: int | None = None) -> Chronicle:
    """Return the ``last`` audits of ``target`` and all its findings.

    Raises:
        ConfigError: Nothing of it is recorded.
        HistoryFailed: The history cannot be read.
    """
    store = _open(settings)
    audits = read_audits(store, target, last)
    if not audits:
        known = ", ".join(list_targets(store)) or "no target"
        raise ConfigError(
            f"no audit of {target!r} is recorded; there are those of {known}",
            where=store.where,
            fix=f"driftbook audit {target}",
        )
    return Chronicle(target, audits, _sort(read_findings(store, target)))


def prune_history(target: str, settings: Settings, keep: int | None, before: str | None) -> str:
    """Forget old audits of ``target`` and return what was done, one sentence.

    Raises:
        ConfigError: Neither or both limits are given, or one makes no sense.
    """
    if (keep is None) == (before is None):
        raise ConfigError("say which audits stay", fix="give --keep N or --before 2026-01-31")
    if before is not None and not _is_day(before):
        raise ConfigError(f"{before!r} is no day", where="--before", fix="write 2026-01-31")
    gone = prune_target(_open(settings), target, keep=keep or 0, before=before or "")
    return f"{gone} audits of {target} forgotten; the latest one always stays"


def verify_history(settings: Settings) -> str:
    """Check everything that is stored and return what was checked, one sentence.

    Raises:
        HistoryFailed: Something is not as it was recorded; the audits are named.
    """
    store = _open(settings)
    verified = verify_store(store)
    if verified.damaged:
        named = "\n".join(f"{one.target} {one.audit_id}: {one.problem}" for one in verified.damaged)
        raise HistoryFailed(
            f"{len(verified.damaged)} of {verified.audits} audits are damaged:\n{named}",
            where=store.where,
            fix="put the store back from a copy, or forget them: driftbook history prune TARGET",
        )
    return (
        f"{verified.audits:,} audits verified: {verified.objects:,} rows give the addresses and "
        f"root hashes that were recorded ({store.where})"
    )


def align(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return ``rows`` as lines whose cells stand below each other; the last one is left as is."""
    rows = [[*row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    widths[-1] = 0
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _open(settings: Settings) -> Store:
    store = find_store(settings)
    if store is None:
        raise ConfigError("no audit was ever recorded here", fix="driftbook audit TARGET")
    return store


def _count(row: AuditRow) -> dict[Severity, int]:
    return row.point.count(list(row.point.counts))


def _describe_state(spell: Spell) -> str:
    if spell.resolved_at:
        return "resolved"
    return "open" if spell.first_seen_at == spell.opened_at else "reopened"


def _sort(spells: Iterable[Spell]) -> list[Spell]:
    return sorted(
        spells, key=lambda one: (one.resolved_at != "", one.opened_at, one.severity.rank, one.key)
    )


def _is_day(text: str) -> bool:
    try:
        return bool(DAY.fullmatch(text) and datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC))
    except ValueError:
        return False

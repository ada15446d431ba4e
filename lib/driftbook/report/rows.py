"""What the results of all kept reports say, one row each, and what changed between them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from driftbook.charts.palette import SEVERITIES
from driftbook.errors import DriftbookError
from driftbook.model import Verdict
from driftbook.report.privacy import conceal_json
from driftbook.report.result import Json, parse_result

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftbook.report.store import Store

WORST_FIRST = (Verdict.ERROR, Verdict.FAIL, Verdict.INCOMPLETE, Verdict.PASS)
RESULT = "result.json"
PAGES = ("report.html", "notebook.ipynb")  # what old audits lose; their results stay
DEPTH = 4  # <target>/<audit id>/<notebook>/<file>
TREND = 30  # audits in a spark line
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds

Place = tuple[str, str, str]  # target, audit id, name of the notebook


@dataclass(frozen=True, slots=True)
class Row:
    """One report as the index shows it.

    Attributes:
        captured_at: ISO 8601 with Z; empty when nothing was captured.
        findings: Ids of the open findings, accepted ones as well.
        every: How often the target is audited: ``1d``; empty when it is not said.
        new: Findings that the audit before did not have; ``None`` where nothing compares.
        resolved: Findings that only the audit before had.
        totals: Open findings of the audits up to this one, oldest first.
        is_told: Whether the result itself compares, from the history.
    """

    target: str
    audit_id: str
    report: str
    verdict: Verdict
    reason: str
    captured_at: str = ""
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SEVERITIES, 0))
    files: dict[str, str] = field(default_factory=dict)  # name and address
    findings: frozenset[str] = frozenset()
    every: str = ""
    new: int | None = None
    resolved: int | None = None
    totals: tuple[int, ...] = ()
    is_told: bool = False

    @property
    def rank(self) -> int:
        """Return 0 for the worst verdict."""
        return WORST_FIRST.index(self.verdict)

    @property
    def why(self) -> str:
        """Return the first sentence of the reason; the report has the others."""
        first, stop, _ = self.reason.partition(". ")
        return f"{first}." if stop else first

    @property
    def moment(self) -> datetime | None:
        """Return when it was captured; a report that never got that far has the time of its id."""
        for text in (self.captured_at, f"{self.audit_id[:15]}Z"):
            try:
                return datetime.fromisoformat(text).astimezone(UTC)
            except ValueError:
                continue
        return None

    @property
    def captured(self) -> str:
        """Return when it was captured, for people."""
        return self.captured_at.replace("T", " ").removesuffix("Z")

    @property
    def interval(self) -> int:
        """Return the seconds between two audits; 0 when it is not said."""
        count, unit = self.every[:-1], UNITS.get(self.every[-1:])
        if not unit or not count.isdecimal():
            return 0
        return int(timedelta(**{unit: int(count)}).total_seconds())

    @property
    def change(self) -> str:
        """Return what changed since the audit before, for people."""
        if self.new is None:
            return ""
        parts = [f"{self.new:,} new"] if self.new else []
        parts += [f"{self.resolved:,} resolved"] if self.resolved else []
        return ", ".join(parts) or "no change"

    def age(self, now: datetime) -> int:
        """Return the seconds from capture to ``now``, never below 0."""
        return max(0, int((now - self.moment).total_seconds())) if self.moment else 0

    def is_stale(self, now: datetime) -> bool:
        """Return whether an audit is missing: the age is beyond double the interval."""
        return bool(self.interval) and self.age(now) > 2 * self.interval


def describe_age(seconds: int) -> str:
    """Return an age for people, as ``report.js`` writes it."""
    if seconds < 2 * HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < 2 * DAY:
        return f"{seconds // HOUR} h"
    return f"{seconds // DAY} d"


def group_files(paths: Iterable[str]) -> dict[Place, list[str]]:
    """Return the names of the files of each report."""
    found: dict[Place, list[str]] = {}
    for path in paths:
        parts = path.split("/")
        if len(parts) >= DEPTH:
            target, audit_id, report = parts[: DEPTH - 1]
            found.setdefault((target, audit_id, report), []).append("/".join(parts[3:]))
    return found


def read_rows(store: Store, paths: Iterable[str]) -> list[Row]:
    """Return one row per report among ``paths``, latest first, with what changed in it.

    A result that cannot be read is a row with verdict ``error``, not a gap.
    """
    reports = group_files(paths)
    results = store.read_files(
        f"{'/'.join(place)}/{RESULT}" for place, names in reports.items() if RESULT in names
    )
    rows = [
        read_row(place, names, results.get(f"{'/'.join(place)}/{RESULT}"))
        for place, names in reports.items()
    ]
    return compare_rows(rows)


def read_row(place: Place, names: Iterable[str], data: bytes | None) -> Row:
    """Return the row of one report; its place in the tree names it, its result says the rest."""
    target, audit_id, report = place
    files = {
        name: quote(f"{target}/{audit_id}/{report}/{name}")
        for name in names
        if name in {*PAGES, RESULT}
    }
    try:
        result = parse_result(data or b"")
    except DriftbookError as error:
        return Row(target, audit_id, report, Verdict.ERROR, error.problem, files=files)
    return _row_of(result, place, files)


def _row_of(result: Json, place: Place, files: dict[str, str]) -> Row:
    target, audit_id, report = place
    counts, findings, named = result["counts"], result["findings"], result["target"]
    counts = counts if isinstance(counts, dict) else {}
    return Row(
        target=target,
        audit_id=audit_id,
        report=report,
        verdict=Verdict(str(result["verdict"])),
        reason=str(conceal_json(result["reason"])),
        captured_at=str(result["captured_at"]),
        counts={severity: int(counts.get(severity, 0)) for severity in SEVERITIES},
        files=files,
        findings=frozenset(
            str(one["id"])
            for part in (findings, result["accepted"])  # what is accepted is not resolved
            if isinstance(part, list)
            for one in part
        ),
        every=str(named.get("every", "")) if isinstance(named, dict) else "",
        **_read_past(result),
    )


def _read_past(result: Json) -> dict[str, Any]:
    """Return what the result itself says of the audits before it; empty where it says nothing."""
    since, trend = result.get("since"), result.get("trend")
    if not isinstance(since, dict) or not since.get("previous"):
        return {}
    points = trend if isinstance(trend, list) else []
    return {
        "is_told": True,
        "new": int(since["new"]),
        "resolved": int(since["resolved"]),
        "totals": tuple(int(point["total"]) for point in points)[-TREND:],
    }


def compare_rows(rows: Iterable[Row]) -> list[Row]:
    """Return ``rows`` latest first, each compared with the one before of its target and report.

    A report with verdict ``error`` judged nothing: it neither resolves a finding nor counts.
    """
    before: dict[tuple[str, str], Row] = {}
    compared = []
    for row in sorted(rows, key=lambda row: (row.audit_id, row.target, row.report)):
        key = (row.target, row.report)
        last = before.get(key)
        totals = last.totals if last else ()
        if row.verdict is Verdict.ERROR:
            every = row.every or (last.every if last else "")
            compared.append(replace(row, totals=totals, every=every))
            continue
        changed = row
        if not row.totals:
            changed = replace(row, totals=(*totals, sum(row.counts.values()))[-TREND:])
        if last and not row.is_told:
            changed = replace(
                changed,
                new=len(row.findings - last.findings),
                # Where it could not look an audit does not know what is gone.
                resolved=len(last.findings - row.findings)
                if row.verdict is not Verdict.INCOMPLETE
                else 0,
            )
        before[key] = changed
        compared.append(changed)
    by_name = sorted(compared, key=lambda row: (row.target, row.report))
    return sorted(by_name, key=lambda row: row.audit_id, reverse=True)


def find_latest(rows: Iterable[Row]) -> list[Row]:
    """Return the first row of each target and report, the worst verdict first."""
    latest: dict[tuple[str, str], Row] = {}
    for row in rows:
        latest.setdefault((row.target, row.report), row)
    return sorted(latest.values(), key=lambda row: (row.rank, row.target, row.report))

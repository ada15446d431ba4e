"""Prometheus text, for the textfile collector of node_exporter; no name of an object in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity, Verdict
from driftbook.redact import display_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftbook.report.formats.joined import Joined

Samples = list[tuple[dict[str, str], int]]


def build_metrics(joined: Joined, last_pass: int | None = None) -> str:
    """Return the metrics of an audit.

    Args:
        joined: The audit.
        last_pass: When an audit of the target passed last, in seconds since 1970; ``None``:
            never, as far as is known. An audit that passes is its own.
    """
    if joined.verdict is Verdict.PASS and joined.run_at:
        last_pass = joined.run_at
    target = {"target": joined.target}
    passed: Samples = [(target, last_pass)] if last_pass is not None else []
    looked: Samples = [(target, joined.run_at)] if joined.run_at else []
    families = [
        _family("findings", "Open findings that are not accepted.", _list_counts(joined)),
        _family("accepted_findings", "Accepted findings.", [(target, len(joined.accepted))]),
        _family("verdict", "1 for the verdict of the report.", _list_verdicts(joined)),
        _family("incomplete", "Things that could not be checked.", _list_gaps(joined)),
        _family("objects", "Rows of the live catalog that were compared.", _list_objects(joined)),
        _family("last_run_timestamp_seconds", "When the last audit looked.", looked),
        _family("last_pass_timestamp_seconds", "When the last audit that passed looked.", passed),
    ]
    return "".join(families)


def _list_counts(joined: Joined) -> Samples:
    return [
        (_label(joined, report.report, severity=severity.value), report.counts.get(severity, 0))
        for report in joined.reports
        if report.verdict is not Verdict.ERROR  # it judged nothing: that is not 0 findings
        for severity in Severity
    ]


def _list_verdicts(joined: Joined) -> Samples:
    return [
        (_label(joined, report.report, verdict=verdict.value), int(report.verdict is verdict))
        for report in joined.reports
        for verdict in Verdict
    ]


def _list_gaps(joined: Joined) -> Samples:
    return [
        (_label(joined, report.report), len(report.incomplete))
        for report in joined.reports
        if report.verdict is not Verdict.ERROR
    ]


def _list_objects(joined: Joined) -> Samples:
    counts: dict[str, int] = {}
    for report in joined.reports:
        counts |= report.objects
    return [({"target": joined.target, "kind": kind}, counts[kind]) for kind in sorted(counts)]


def _label(joined: Joined, report: str, **more: str) -> dict[str, str]:
    return {"target": joined.target, "report": report, **more}


def _family(name: str, text: str, samples: Iterable[tuple[Mapping[str, str], int]]) -> str:
    lines = [
        f"driftbook_{name}{{{','.join(_pair(*pair) for pair in labels.items())}}} {value}\n"
        for labels, value in samples
    ]
    if not lines:
        return ""
    head = f"# HELP driftbook_{name} {text}\n# TYPE driftbook_{name} gauge\n"
    return head + "".join(lines)


def _pair(name: str, value: str) -> str:
    escaped = display_name(value).replace("\\", r"\\").replace('"', r"\"")
    return f'{name}="{escaped}"'

"""Markdown: the summary of an audit for people, as GitHub shows it above a run's log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftbook.model import Verdict
from driftbook.redact import display_name

if TYPE_CHECKING:
    from driftbook.report.formats.joined import Joined
    from driftbook.report.result import FindingPart

ICONS = {Verdict.PASS: "✓", Verdict.FAIL: "✕", Verdict.INCOMPLETE: "◐", Verdict.ERROR: "!"}
SHOWN = 20  # findings
GAPS = 10
LONG = 300  # characters of one text: 20 findings then stay far below the limit
LIMIT_BYTES = 200_000


def build_markdown(joined: Joined) -> str:
    """Return the summary of an audit, at most ``LIMIT_BYTES`` long."""
    verdict = joined.verdict
    lines = [f"## {ICONS[verdict]} {verdict.upper()}: {escape_markdown(joined.label)}", ""]
    for report in joined.reports:
        word = f"{ICONS[report.verdict]} {report.verdict.value}"
        lines.append(f"- **{escape_markdown(report.report)}** {word}: {_cut(report.reason)}")
    chips = [f"{number} {severity}" for severity, number in joined.count().items() if number]
    chips += [f"{len(joined.accepted)} accepted"] if joined.accepted else []
    lines += ["", f"{', '.join(chips) or 'No finding'}; fails at {joined.fail_on} or worse.", ""]
    lines += _list_gaps(joined)
    lines += _list_findings(joined)
    place = escape_markdown(f"{joined.target}/{joined.audit_id}")
    lines.append(f"Audit {place}: the reports lie in the folder of this name.")
    return "\n".join(lines) + "\n"


def _list_gaps(joined: Joined) -> list[str]:
    if not joined.incomplete:
        return []
    lines = ["**Not everything could be checked.** What is listed here is unknown, not clean.", ""]
    lines += [f"- {_cut(gap.what)}: {_cut(gap.why)}" for gap in joined.incomplete[:GAPS]]
    more = len(joined.incomplete) - GAPS
    return [*lines, *([f"- and {more} more"] if more > 0 else []), ""]


def _list_findings(joined: Joined) -> list[str]:
    if not joined.findings:
        return []
    lines = ["| severity | finding | what it means | where | id |", "|---|---|---|---|---|"]
    lines += [_build_row(finding) for finding in joined.findings[:SHOWN]]
    more = len(joined.findings) - SHOWN
    return [*lines, "", *([f"{more} more are in the reports.", ""] if more > 0 else [])]


def _build_row(finding: FindingPart) -> str:
    state = " (new)" if finding.state == "new" else ""
    texts = (finding.title, finding.consequence, finding.where)
    cells = (f"{finding.severity.value}{state}", *map(_cut, texts))
    return f"| {' | '.join((*cells, escape_markdown(finding.id)))} |"


def _cut(text: str) -> str:
    return escape_markdown(text if len(text) <= LONG else f"{text[: LONG - 1]}…")


def escape_markdown(text: str) -> str:
    """Return ``text`` as plain words of one line: no markup and no HTML in it."""
    visible = display_name(text.replace("\n", " "))
    escaped = re.sub(r"([\\`*_{}\[\]()#+!|~<>$^=-])", r"\\\1", visible)
    return escaped.replace("&", "&amp;")

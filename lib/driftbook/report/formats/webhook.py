"""The message of a webhook: Slack-compatible, and the figures for others. Names only if allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Verdict
from driftbook.redact import display_name

if TYPE_CHECKING:
    from driftbook.report.formats.joined import Joined

Json = dict[str, object]
ICONS = {Verdict.PASS: "✓", Verdict.FAIL: "✕", Verdict.INCOMPLETE: "◐", Verdict.ERROR: "!"}
SHOWN = 10  # findings with their names
LONG = 200  # characters of one name; Slack refuses a block of more than 3,000


def build_message(joined: Joined, *, names: bool = False) -> Json:
    """Return ``{"text", "blocks", "result"}``: the first two are what Slack takes.

    Args:
        joined: The audit.
        names: Whether titles of findings are told, which hold names of objects.
    """
    counts = {severity.value: number for severity, number in joined.count().items() if number}
    told = ", ".join(f"{number} {severity}" for severity, number in counts.items())
    told = told or ("nothing was judged" if joined.verdict is Verdict.ERROR else "no finding")
    head = f"{ICONS[joined.verdict]} {joined.verdict.upper()} {_escape(joined.label)}: {told}"
    lines = [
        f"{report.report}: {report.verdict.value}, {sum(report.counts.values())} findings"
        for report in joined.reports
    ]
    lines += [f"{len(joined.incomplete)} things could not be checked"] if joined.incomplete else []
    lines += [f"{len(joined.accepted)} accepted"] if joined.accepted else []
    worst = joined.findings[:SHOWN] if names else ()
    lines += [f"{one.severity.value}: {one.title[:LONG]} ({one.id})" for one in worst]
    body = "\n".join(map(_escape, lines))
    result: Json = {
        "target": joined.target,
        "audit_id": joined.audit_id,
        "verdict": joined.verdict.value,
        "fail_on": joined.fail_on.value,
        "counts": counts,
        "failing": len(joined.failing),
        "accepted": len(joined.accepted),
        "incomplete": len(joined.incomplete),
        "reports": {report.report: report.verdict.value for report in joined.reports},
    }
    if names:
        result["findings"] = [
            {"id": one.id, "severity": one.severity.value, "title": display_name(one.title[:LONG])}
            for one in worst
        ]
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*{head}*"}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": body[:3000]}]},
    ]
    return {"text": head, "blocks": blocks, "result": result}


def _escape(text: str) -> str:
    """Return ``text`` so that Slack takes no link, mention or channel from it."""
    visible = display_name(text)
    return visible.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

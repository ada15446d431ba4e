"""Workflow commands of GitHub Actions: findings beside the lines of the changed files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.redact import display_text
from driftbook.report.formats.joined import find_file

if TYPE_CHECKING:
    from driftbook.report.formats.joined import Joined
    from driftbook.report.result import FindingPart

SHOWN = 10  # per kind and step: GitHub drops the others
LONG = 1000  # characters of a message
KINDS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


def build_annotations(joined: Joined) -> list[str]:
    """Return one command per line: the ten worst findings of each kind."""
    lines: list[str] = []
    for kind in dict.fromkeys(KINDS.values()):
        mine = [one for one in joined.findings if KINDS[one.severity] == kind]
        lines += [_build_command(kind, one, joined.migrations) for one in mine[:SHOWN]]
    return lines


def _build_command(kind: str, finding: FindingPart, migrations: str) -> str:
    file, line = find_file(finding.where, migrations)
    places = [f"file={escape_property(file)}"] if file else []
    places += [f"line={line}"] if line else []
    places.append(f"title={escape_property(f'{finding.rule} {finding.id}')}")
    text = f"{finding.title}. {finding.consequence}"
    return f"::{kind} {','.join(places)}::{escape_data(text[:LONG])}"


def escape_data(text: str) -> str:
    """Return ``text`` so that it stays the message of one command."""
    return display_text(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Return ``text`` so that it stays the value of one property."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")

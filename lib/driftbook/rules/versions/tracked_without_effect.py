"""A version is recorded and what it does is not live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.versions.facts import WRITE, build_finding, count, list_some
from driftbook.versions import VersionState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.model import Finding
    from driftbook.rules.versions.facts import VersionFacts
    from driftbook.versions import Version

ID = "tracked-without-effect"
GROUP = "tracking"
MEANING = "A record says that a version ran, and the live database lacks what it does."
FIX = "Write a new migration with what is missing; an old file is never run again."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per record whose effects are absent or partial."""
    for version in facts.of(VersionState.NEVER_EFFECTIVE, VersionState.PARTLY_EFFECTIVE):
        yield build_finding(
            (ID, GROUP),
            Severity.HIGH,
            version,
            title=_title(version, facts),
            consequence=_explain(version, facts),
            fix=f"write a new migration with what is missing: {WRITE}"
            if facts.tool.keeps_text and facts.table
            else "write a new migration with what is missing: the drift report has its SQL",
        )


def _title(version: Version, facts: VersionFacts) -> str:
    told = "recorded" if facts.table else "taken as applied"
    if version.state is VersionState.NEVER_EFFECTIVE:
        return f"{told}, and none of {count(version.testable, 'effect')} is live"
    are = "is" if version.found == 1 else "are"
    return f"{told}, and {version.found} of {count(version.testable, 'effect')} {are} live"


def _explain(version: Version, facts: VersionFacts) -> str:
    parts = []
    if version.lacking:
        parts.append(f"Not live: {list_some(version.lacking)}.")
    if version.different:
        parts.append(f"Live in another shape: {list_some(version.different)}.")
    parts.append("Either it never ran in full or somebody undid it.")
    if facts.table:
        parts.append("The tool will not run it again, for it is recorded.")
    else:
        parts.append("No table tells which files ran: every file is taken as applied.")
    return " ".join(parts)

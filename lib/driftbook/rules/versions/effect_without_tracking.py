"""A file is not recorded and what it does is live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.versions.facts import PLAN, build_finding, count, list_some, start
from driftbook.versions import VersionState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.model import Finding
    from driftbook.rules.versions.facts import VersionFacts
    from driftbook.versions import Version

ID = "effect-without-tracking"
GROUP = "tracking"
MEANING = "A file ran, or its SQL was run by hand, and no record says so: the tool runs it again."
FIX = "Record the version; where only a part is live, complete it first."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per file that ran without a record."""
    for version in facts.of(
        VersionState.APPLIED_UNRECORDED, VersionState.PARTLY_APPLIED_UNRECORDED
    ):
        is_full = version.state is VersionState.APPLIED_UNRECORDED
        part = f"{version.found} of {count(version.testable, 'effect')}"
        yield build_finding(
            (ID, GROUP),
            Severity.HIGH,
            version,
            title="live, and not recorded" if is_full else f"not recorded, and {part} live",
            consequence=_explain(version, facts),
            fix=f"record that it ran: {facts.record(version)}"
            if is_full
            else f"decide whether the rest is wanted; {PLAN}",
        )


def _explain(version: Version, facts: VersionFacts) -> str:
    seen = [f"Live: {list_some(version.makes)}."] if version.makes else []
    lacks = [f"Not live: {list_some(version.lacking)}."] if version.lacking else []
    threat = f"{start(facts.tool.subject)} would run the file again, or refuse to run anything."
    return " ".join([*seen, *lacks, threat]) + facts.story(version)

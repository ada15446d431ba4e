"""A file older than the newest recorded version is not recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.versions.facts import PLAN, build_finding, is_skipped_over, start
from driftbook.versions import VersionState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.model import Finding
    from driftbook.rules.versions.facts import VersionFacts
    from driftbook.versions import Version

ID = "file-not-tracked"
GROUP = "tracking"
MEANING = "A file was passed over: newer ones are recorded, this one is not, and nothing shows it."
FIX = "Run it out of order after reading it once more, or record it if it is known to have run."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per file that was passed over."""
    for version in facts.versions:
        if is_skipped_over(version):
            yield build_finding(
                (ID, GROUP),
                Severity.HIGH,
                version,
                title="not recorded, and newer versions are",
                consequence=_explain(version, facts),
                fix=_fix(version, facts),
            )


def _explain(version: Version, facts: VersionFacts) -> str:
    known = f"{start(version.note)}. " if version.note else ""
    return f"{known}{facts.tool.older}{facts.story(version)}"


def _fix(version: Version, facts: VersionFacts) -> str:
    run = facts.tool.run_older
    if not run:
        return f"give it a place behind the newest file, if it is still wanted; {PLAN}"
    if facts.is_supabase and any(
        facts.of(VersionState.APPLIED_UNRECORDED, VersionState.PARTLY_APPLIED_UNRECORDED)
    ):
        # That command runs whatever is not recorded, also what ran.
        run = f"record first what is live without a record, then {run}"
    if version.state is VersionState.PENDING_UNTESTABLE:
        return f"if it ran: {facts.record(version)}; if it did not: {run}"
    return f"read it once more, then let it run: {run}"

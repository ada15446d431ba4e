"""A recorded version has no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.versions.facts import PLAN, WRITE, build_finding
from driftbook.versions import EffectState, VersionState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.model import Finding
    from driftbook.rules.versions.facts import VersionFacts
    from driftbook.versions import Version

ID = "tracked-without-file"
GROUP = "tracking"
MEANING = "A version ran and its file is gone: an environment built from the files lacks it."
FIX = "Bring the file back from git or from the record; never take the record away first."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per record that no file belongs to."""
    for version in facts.of(VersionState.MISSING_FILE, VersionState.MISSING_FILE_UNKNOWN):
        yield build_finding(
            (ID, GROUP),
            Severity.HIGH,
            version,
            title="recorded, and no file has this version",
            consequence=_explain(version, facts),
            fix=_fix(version, facts),
            live=version.recorded_text,
        )


def _explain(version: Version, facts: VersionFacts) -> str:
    is_known = version.state is VersionState.MISSING_FILE
    copy = "is the only copy of its SQL" if is_known else "does not hold its SQL either"
    return f"The record {copy}. {facts.tool.orphan}{facts.story(version)}"


def _fix(version: Version, facts: VersionFacts) -> str:
    if not facts.tool.keeps_text:
        return f"bring the file back from git, other branches or backups; {PLAN}"
    if version.state is VersionState.MISSING_FILE_UNKNOWN:
        return f"look for its SQL in other branches, databases and backups; {PLAN}"
    if version.effect is EffectState.ABSENT:
        # Without a file and without effect: the plan saves the record before it goes.
        return f"nothing of it is live: decide whether it is wanted; {PLAN}"
    return f"write the file from its record and commit it: {WRITE}"

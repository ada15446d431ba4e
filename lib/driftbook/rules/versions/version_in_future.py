"""A version lies in the future."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.versions.facts import build_finding, first_of_each, is_recorded
from driftbook.versions import Flag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.model import Finding
    from driftbook.rules.versions.facts import VersionFacts

ID = "version-in-future"
GROUP = "file"
MEANING = "Every file that is made before that day sorts below it and counts as out of order."
FIX = "Give the file a version of today while it is pending."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per version of the future."""
    for version in first_of_each(facts.versions):
        if Flag.IN_FUTURE not in version.flags:
            continue
        yield build_finding(
            (ID, GROUP),
            Severity.MEDIUM,
            version,
            title="its version lies in the future",
            consequence="Every file that is made until then sorts below it: "
            f"{facts.tool} takes those files as out of order.",
            fix="it is recorded: number new files above it until then"
            if is_recorded(version)
            else "rename the file to a version of today",
        )

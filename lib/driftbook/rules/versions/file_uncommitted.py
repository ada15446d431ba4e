"""A file is not committed."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.versions.facts import build_finding, is_recorded
from driftbook.versions import Flag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.model import Finding
    from driftbook.rules.versions.facts import VersionFacts

ID = "file-uncommitted"
GROUP = "file"
MEANING = "A file that only one machine has, or has in this form, is lost with that machine."
FIX = "Commit it."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per file that is not committed, or changed since."""
    for version in facts.flagged(Flag.UNCOMMITTED):
        ran = is_recorded(version)
        yield build_finding(
            (ID, GROUP),
            Severity.HIGH if ran else Severity.LOW,
            version,
            title="recorded, and its text is not committed" if ran else "not committed",
            consequence="The database has run it, and nobody else has this text."
            if ran
            else "Nobody else has this text yet.",
            fix=f"in the migrations directory: {shlex.join(['git', 'add', '--', version.file])}, "
            "then commit",
        )

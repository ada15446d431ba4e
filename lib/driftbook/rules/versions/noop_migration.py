"""A file ran in the shadow and changed nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.versions.facts import build_finding
from driftbook.versions import Flag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.model import Finding
    from driftbook.rules.versions.facts import VersionFacts

ID = "noop-migration"
GROUP = "file"
MEANING = "A file changes nothing: what it wants is there already, perhaps in another shape."
FIX = "Alter the object to the shape that is wanted, or delete the file while it is pending."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per file that changed no schema."""
    for version in facts.flagged(Flag.NO_CHANGE):
        yield build_finding(
            (ID, GROUP),
            Severity.MEDIUM,
            version,
            title="changed nothing when it ran",
            consequence="An IF NOT EXISTS usually hides that the object is there already: if it "
            "has another shape, this file does not change it.",
            fix="delete the file, or alter the object to the shape that is wanted"
            if version.state.is_pending
            else "if the shape it wants is another one, alter the object in a new migration",
        )

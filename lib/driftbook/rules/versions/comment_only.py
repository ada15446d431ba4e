"""A file has no statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.versions.facts import PLAN, build_finding, is_recorded
from driftbook.versions import Content, EffectState, Flag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.model import Finding
    from driftbook.rules.versions.facts import VersionFacts
    from driftbook.versions import Version

ID = "comment-only"
GROUP = "file"
MEANING = "A file without a statement makes lists look equal and does nothing."
FIX = "Give it the SQL that ran, or say in it which file holds that SQL."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per file without a statement."""
    for version in facts.flagged(Flag.COMMENT_ONLY):
        if Flag.EMPTIED in version.flags:
            continue  # statements-mismatch tells that it was emptied
        is_blind = _is_blind(version)
        yield build_finding(
            (ID, GROUP),
            Severity.HIGH if is_blind else Severity.INFO,
            version,
            title="holds no statement" + (", and its record holds none either" if is_blind else ""),
            consequence="It is recorded as applied, and nothing tells what ran: an environment "
            "built from the files lacks it."
            if is_blind
            else "It changes nothing: that it is there proves nothing about the database.",
            fix=f"look for its SQL in git, other databases and backups; {PLAN}"
            if is_blind
            else "say in it which file holds the SQL, or leave it",
        )


def _is_blind(version: Version) -> bool:
    return (
        is_recorded(version)
        and version.content in {Content.PLACEHOLDER, Content.UNKNOWN}
        and version.effect is EffectState.UNTESTABLE
    )

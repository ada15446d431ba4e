"""A version ran in another order than it sorts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.versions.facts import PLAN, build_finding, first_of_each, is_skipped_over
from driftbook.versions import Flag, OrderFlag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.model import Finding
    from driftbook.rules.versions.facts import VersionFacts
    from driftbook.versions import Version

ID = "version-out-of-order"
GROUP = "tracking"
MEANING = "Files run in the order of their versions elsewhere, and here they ran in another one."
FIX = "Give a pending file a later version; leave what is recorded, and check that it replays."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per version that stands in the wrong place."""
    for version in first_of_each(facts.versions):
        if is_skipped_over(version):
            continue  # file-not-tracked says more of it
        if _is_malformed(version, facts):
            yield build_finding(
                (ID, GROUP),
                Severity.MEDIUM,
                version,
                title="recorded under a version that is no number",
                consequence="No file can ever have this version, and versions are compared as "
                "text: where it sorts is chance.",
                fix=f"take the row out of the table after saving it; {PLAN}",
                live=version.recorded_text,
            )
        elif version.order is OrderFlag.OUT_OF_ORDER:
            yield _find_order(version)


def _find_order(version: Version) -> Finding:
    is_new = version.state.is_pending
    return build_finding(
        (ID, GROUP),
        Severity.MEDIUM,
        version,
        title="stands out of order" if is_new else "ran in another order than the files have",
        consequence="A new environment runs the files in the order of their names: what one "
        "file makes can be changed by another that ran before it here.",
        fix="rename the file to a version of 14 digits, later than all others"
        if is_new
        else "leave it recorded; where the order matters, write a new migration",
    )


def _is_malformed(version: Version, facts: VersionFacts) -> bool:
    """Return whether a record can meet no file; other tools have versions that are no numbers."""
    return facts.is_supabase and Flag.MALFORMED in version.flags

"""Two files have one version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Finding, ObjectRef, Severity
from driftbook.rules.versions.facts import PLAN, list_some, name_file
from driftbook.versions import VersionState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.rules.versions.facts import VersionFacts

ID = "duplicate-version"
GROUP = "file"
MEANING = "Two files have one version: at most one of them can ever be recorded."
FIX = "Give the file that is not the recorded one a later version."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per version with several files."""
    twins: dict[str, list[str]] = {}
    for version in facts.of(VersionState.DUPLICATE_VERSION):
        twins.setdefault(version.version, []).append(version.file)
    for number, files in twins.items():
        yield Finding(
            ID,
            GROUP,
            Severity.HIGH,
            ObjectRef("migration", (number,)),
            f"{name_file(number)}: {len(files)} files have this version",
            f"Files: {list_some(files)}. The second one fails where the first one is recorded, "
            "and its changes are rolled back; which one ran here, the record has to tell.",
            f"give the one that is not recorded a version later than all others; {PLAN}",
            where=files[0],
            fix_is_sql=False,
        )

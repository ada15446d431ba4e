"""The same SQL is a file under one version and a record under another."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from driftbook.model import Severity
from driftbook.rules.versions.facts import PLAN, build_finding
from driftbook.versions import VersionState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.model import Finding
    from driftbook.rules.versions.facts import VersionFacts
    from driftbook.versions import Version

ID = "same-content-other-version"
GROUP = "tracking"
MEANING = "A file ran under another version: the tool sees a lost file and one that never ran."
FIX = "Give the file the version under which it is recorded."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per pair, about its file."""
    for version in facts.of(VersionState.MOVED):
        if version.file:
            yield build_finding(
                (ID, GROUP),
                Severity.MEDIUM,
                version,
                title=f"recorded as version {version.match_version}",
                consequence=f"The record {version.match_version} holds the same SQL and has no "
                "file. The tool would run this file again, or refuse to run anything.",
                fix=_rename(version, facts),
            )


def _rename(version: Version, facts: VersionFacts) -> str:
    if not facts.is_supabase:
        return f"rename the file to its recorded version; {PLAN}"
    name = f"{version.match_version}_{version.name_file}.sql"
    return f"in the migrations directory: {shlex.join(['git', 'mv', version.file, name])}"

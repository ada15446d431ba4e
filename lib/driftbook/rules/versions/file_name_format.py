"""The version of a file is no time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Finding, Severity
from driftbook.rules.versions.facts import DIRECTORY, count, list_some
from driftbook.versions import Flag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.rules.versions.facts import VersionFacts

ID = "file-name-format"
GROUP = "file"
MEANING = "A version that is no time of 14 digits sorts by chance among those that are."
FIX = "Name new files with 14 digits of UTC time; rename pending ones."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding for the directory."""
    files = [version for version in facts.flagged(Flag.NO_TIME) if facts.is_supabase]
    if not files:
        return
    pending = [version.file for version in files if version.state.is_pending]
    rename = f"rename what is pending: {list_some(pending)}; " if pending else ""
    yield Finding(
        ID,
        GROUP,
        Severity.MEDIUM,
        DIRECTORY,
        f"{count(len(files), 'file')} whose version is no time of 14 digits",
        f"Files: {list_some(version.file for version in files)}. Versions are compared as text, "
        "so these sort among the others by chance.",
        # An applied file with another name would be pending again.
        f"{rename}leave the names of applied files as they are",
        where=files[0].file,
        fix_is_sql=False,
    )

"""Files were edited after their first commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Finding, Severity
from driftbook.rules.versions.facts import DIRECTORY, SHOWN, count, list_some, name_file
from driftbook.versions import Flag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.rules.versions.facts import VersionFacts

ID = "history-edited"
GROUP = "file"
MEANING = "A file was edited after its first commit: who ran it before has the earlier text."
FIX = "Leave committed files as they are; write a new migration."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding for the directory."""
    files = [version.file for version in facts.flagged(Flag.EDITED_IN_GIT)]
    if not files:
        return
    told = [
        f"{name_file(file)} was {facts.stories[file]}." for file in files if file in facts.stories
    ]
    yield Finding(
        ID,
        GROUP,
        Severity.INFO,
        DIRECTORY,
        f"{count(len(files), 'file')} edited after the first commit",
        f"Files: {list_some(files)}. Before a file runs, an edit is normal; a database that ran "
        f"it earlier keeps the earlier text. {' '.join(told[:SHOWN])}".rstrip(),
        "write a new migration instead of editing one that somebody may have run",
        where=files[0],
        fix_is_sql=False,
    )

"""A file fails in the shadow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Finding, ObjectRef, Severity
from driftbook.rules.versions.facts import name_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.rules.versions.facts import VersionFacts

ID = "replay-failed"
GROUP = "file"
MEANING = "An environment built from the files stops here."
FIX = "Make the file run from empty, or add the migration that it needs before it."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per file that failed, at its first error."""
    for _, file, line, sqlstate, message in facts.failures:
        yield Finding(
            ID,
            GROUP,
            Severity.HIGH,
            ObjectRef("migration", (file,)),
            f"{name_file(file)}: fails when it is replayed",
            f"Line {line}: {' '.join(message.split())} (SQLSTATE {sqlstate}). An environment "
            "built from the files stops here.",
            "make the file run from empty, or add the migration that it needs before it",
            where=f"{file}:{line}",
            fix_is_sql=False,
        )

"""A file fails in the shadow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.failures import MEANINGS, FailureClass, find_roots
from driftbook.model import Finding, ObjectRef, Severity
from driftbook.rules.versions.facts import name_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.failures import Root
    from driftbook.rules.versions.facts import VersionFacts

ID = "replay-failed"
GROUP = "file"
MEANING = "An environment built from the files stops here."
FIX = "Make the file run from empty, or add the migration that it needs before it."
FIXES = {
    FailureClass.NEVER_CREATED: "add a migration before it that makes what is missing",
    FailureClass.LATER_FILE: "give the file that makes it an earlier version, if neither ran yet; "
    "else add a migration before both that makes it where it is missing",
    FailureClass.DROPPED: "take the statement out, or make the object again before it",
    FailureClass.NOT_APPLIED: "let the file that makes it run: record it if it ran, apply it "
    "otherwise, or give it a name that the tool reads",
    FailureClass.EXISTS: "write IF NOT EXISTS or OR REPLACE, or take the second definition out",
    FailureClass.DATA: "make the statement bear an empty table",
    FailureClass.SYNTAX: "correct the text of the file",
    FailureClass.ENVIRONMENT: "give the shadow a server that has it: shadow = DIR in "
    "params/targets.toml",
}


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per root; the files that only fail with it are told there."""
    for root in find_roots(facts.failures):
        first = root.first
        others = root.describe_others()
        meaning = "" if first.kind is FailureClass.OTHER else f" ({MEANINGS[first.kind]})"
        yield Finding(
            ID,
            GROUP,
            Severity.HIGH,
            ObjectRef("migration", (first.file,)),
            f"{name_file(first.file)}: fails when it is replayed{meaning}",
            f"Line {first.line}: {_describe(root)} (SQLSTATE {first.sqlstate}). "
            + (f"{others}. " if others else "")
            + "An environment built from the files stops here.",
            FIXES.get(first.kind, "make the file run from empty"),
            where=f"{first.file}:{first.line}",
            fix_is_sql=False,
        )


def _describe(root: Root) -> str:
    """Return the server's own words, and what the files tell of them."""
    first = root.first
    words = " ".join(first.message.split())
    return f"{words}: {root.describe()}" if first.is_nowhere else root.describe()

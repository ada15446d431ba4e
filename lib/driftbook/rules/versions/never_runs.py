"""A file that no migration tool runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftbook.model import Finding, ObjectRef, Severity
from driftbook.rules.versions.facts import name_file, start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.rules.versions.facts import VersionFacts

ID = "never-runs"
GROUP = "file"
MEANING = "The tool passes over a file without an error: what it says exists nowhere."
FIX = "Move its SQL into a file that runs, or the file out of the directory."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per SQL file that is passed over."""
    for file, why in facts.skipped:
        if not file.lower().endswith(".sql") or re.fullmatch(facts.tool.other_files, file):
            continue  # a note, a picture and an undo are meant to run nowhere
        yield Finding(
            ID,
            GROUP,
            Severity.HIGH,
            ObjectRef("migration", (file,)),
            f"{name_file(file)}: never runs",
            f"{start(name_file(why))}. The tool passes over it on every database, without an "
            "error: what it does is there only if somebody ran it by hand.",
            _fix(facts),
            where=file,
            fix_is_sql=False,
        )


def _fix(facts: VersionFacts) -> str:
    if facts.is_supabase:
        return "if it is to run, move its SQL into the file of: supabase migration new TITLE"
    return "if it is to run, rename it as the tool wants it; else move it out of the directory"

"""File and record of one version have different names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.model import Severity
from driftbook.rules.quoting import ident, literal, show
from driftbook.rules.versions.facts import PLAN, build_finding, is_recorded, name_file
from driftbook.versions import Flag, VersionState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.model import Finding
    from driftbook.rules.versions.facts import VersionFacts
    from driftbook.versions import Version

ID = "tracking-name-mismatch"
GROUP = "tracking"
MEANING = "A record has another title than its file: one of the two was renamed."
FIX = "Give the record the title of the file."


def find(facts: VersionFacts) -> Iterator[Finding]:
    """Yield one finding per file whose record has another title."""
    for version in facts.flagged(Flag.NAME_MISMATCH):
        # Of two files with one version at least one has another name: that is told already.
        if is_recorded(version) and version.state is not VersionState.DUPLICATE_VERSION:
            yield build_finding(
                (ID, GROUP),
                Severity.LOW,
                version,
                title=f"recorded as {name_file(version.name_row or '')}",
                consequence="The lists of the tool show a title that no file has; "
                "whoever searches for it finds nothing.",
                fix=_rename(version, facts)
                if facts.tool.keeps_text
                else facts.tool.accept_edit or PLAN,
                fix_is_sql=facts.tool.keeps_text,
                expected=version.name_file,
                live=version.name_row or "",
            )


def _rename(version: Version, facts: VersionFacts) -> str:
    # Not by the CLI: its repair would write the statements of the file over those that ran.
    return show(
        sql.SQL("update {} set name = {} where version = {};").format(
            ident(*facts.table_ref.parts), literal(version.name_file), literal(version.version)
        )
    )

"""Whether a file is the one that ran, where the tool recorded its text or its checksum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.migrations.conventions import CONVENTIONS
from driftbook.tools import TOOLS
from driftbook.tracking.content import compare_content
from driftbook.tracking.table import Outcome
from driftbook.versions import Content

if TYPE_CHECKING:
    from driftbook.migrations.directory import MigrationFile
    from driftbook.tracking.table import TrackingRow

# No run of the tool stands behind such a row: it says nothing of the file's text.
INVENTED = frozenset({Outcome.BASELINE, Outcome.ASSUMED})


def compare_record(file: MigrationFile, row: TrackingRow, convention: str) -> Content:
    """Return how ``file`` compares with what the tool of ``convention`` recorded of it.

    Returns:
        ``NONE`` where the tool records nothing that could be compared.
    """
    tool = TOOLS[convention]
    if row.outcome in INVENTED or not (tool.keeps_text or tool.keeps_checksum):
        return Content.NONE
    if tool.keeps_text:
        return compare_content(file, row.statements, CONVENTIONS[convention].split)
    if row.checksum is None or file.unsendable == "file-bytes:too-large":
        return Content.UNKNOWN
    return Content.IDENTICAL if has_checksum(file, row.checksum, convention) else Content.DIFFERENT


def has_checksum(file: MigrationFile, checksum: str, convention: str) -> bool:
    """Return whether ``checksum`` is one that the tool of ``convention`` gives ``file``."""
    find = CONVENTIONS[convention].checksum
    return find is not None and checksum in find(file.data)

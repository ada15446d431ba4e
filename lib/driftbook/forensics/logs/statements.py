"""A CSV export of ``pg_stat_statements``: that something ran, never when or in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.forensics.lines import Line, LogSource
from driftbook.forensics.logs.commands import find_command
from driftbook.forensics.logs.record import Damaged
from driftbook.forensics.logs.table import read_named_rows

if TYPE_CHECKING:
    from typing import TextIO

    from driftbook.forensics.logs.record import Place, Read

COLUMNS = frozenset({"query", "calls"})


def read_statements(stream: TextIO, place: Place) -> Read:
    """Yield the statements that concern DDL; they have no time and no transaction."""
    for read in read_named_rows(stream, place):
        if isinstance(read, Damaged):
            yield read
            continue
        raw_ref, row = read
        command = find_command(row["query"])
        if command is None:
            continue
        yield Line(
            observed_at=None,
            source=LogSource.STATEMENTS,
            raw_ref=raw_ref,
            db_role=row.get("rolname") or row.get("usename") or "",
            tag=command.tag,
            object_identity=command.dropped,
            nested=row.get("toplevel", "").lower() in {"f", "false"},
            text=row["query"],
        )

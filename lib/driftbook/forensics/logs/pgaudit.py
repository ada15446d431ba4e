"""Records of the extension pgaudit, which stand in the server's log."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.forensics.lines import LogSource
from driftbook.forensics.logs.commands import is_runner

if TYPE_CHECKING:
    from driftbook.forensics.lines import Line
    from driftbook.forensics.logs.record import ServerRecord

PREFIX = "AUDIT: "
COLUMNS = 8  # type, statement, substatement, class, command, object type, object name, text
KINDS = frozenset({"SESSION", "OBJECT"})
CLASSES = frozenset({"DDL", "ROLE"})
# Tags of the statement that the client sent, when what was audited is another one inside it.
NESTED = frozenset({"SELECT", "DO", "CALL", "INSERT", "UPDATE", "DELETE", "MERGE", "EXECUTE"})
# What pgaudit writes in place of a text.
UNLOGGED = frozenset({"<not logged>", "<previously logged>"})


def read_audit(record: ServerRecord) -> Line | None:
    """Return an audited statement that concerns DDL; ``None``: it does not, or is torn."""
    try:
        row = next(csv.reader([record.message.removeprefix(PREFIX)], strict=True), [])
    except csv.Error:
        return None
    if len(row) < COLUMNS or row[0] not in KINDS:
        return None
    _, _, _, statement_class, command, object_type, name, text = row[:COLUMNS]
    calls = command == "DO" or (command == "EXECUTE" and is_runner(name.rpartition(".")[2]))
    if statement_class not in CLASSES and not (statement_class == "FUNCTION" and calls):
        return None
    return replace(
        record.as_line(LogSource.PGAUDIT),
        tag=command,
        object_type=object_type.lower(),
        object_identity=name,
        nested=record.tag in NESTED and command not in NESTED,
        protocol=record.tag if record.tag in NESTED else "",
        text="" if text in UNLOGGED else text,
    )

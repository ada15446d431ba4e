"""Records of the server: statements it was sent, and what pgaudit saw it do."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.forensics.lines import LogSource
from driftbook.forensics.logs.commands import find_command, may_concern
from driftbook.forensics.logs.pgaudit import PREFIX, read_audit
from driftbook.forensics.logs.record import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftbook.forensics.lines import Line
    from driftbook.forensics.logs.record import Place, Read, ServerRecord

SENT = re.compile(
    r"(?:duration: [\d.]+ ms  )?(?:statement|execute (?P<portal>[^:]{1,200})): (?P<text>.*)",
    re.DOTALL,
)
FAILED = frozenset({"ERROR", "FATAL", "PANIC"})
SESSIONS = 10_000  # statements that wait for what comes after them


def is_wanted(severity: str, message: str) -> bool:
    """Return whether a record is worth being read: a cheap look at what most records are not."""
    if message.startswith(PREFIX) or severity in FAILED:
        return True
    return message.startswith(("statement: ", "execute ", "duration: ")) and may_concern(message)


def read_records(records: Iterable[ServerRecord | Damaged], place: Place) -> Read:
    """Yield the lines that concern DDL; a statement that failed did nothing and is left out."""
    waiting: dict[str, Line] = {}
    for record in records:
        if isinstance(record, Damaged):
            yield record
            continue
        if place.database and record.database not in {"", place.database}:
            continue
        last = waiting.pop(record.session, None)
        if last is not None and not (record.severity in FAILED and record.query == last.text):
            yield last
        for line in _read(record):
            if line.source is LogSource.PGAUDIT or not record.session:
                yield line
            else:
                waiting[record.session] = line
        if len(waiting) > SESSIONS:
            yield waiting.pop(next(iter(waiting)))
    yield from waiting.values()


def _read(record: ServerRecord) -> Iterator[Line]:
    if record.message.startswith(PREFIX):
        if audit := read_audit(record):
            yield audit
        return
    sent = SENT.match(record.message)
    if sent is None:
        return
    command = find_command(sent["text"])
    if command is None:
        return
    yield replace(
        record.as_line(record.source),
        tag=command.tag,
        object_identity=command.dropped,
        protocol=f"execute {sent['portal']}" if sent["portal"] else "statement",
        text=sent["text"],
    )

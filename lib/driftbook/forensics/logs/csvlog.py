"""The server's log in CSV (``log_destination = csvlog``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.forensics.lines import LogSource
from driftbook.forensics.logs.record import Damaged, ServerRecord, read_number
from driftbook.forensics.logs.server import is_wanted, read_records
from driftbook.forensics.logs.table import read_rows
from driftbook.forensics.logs.times import UnreadableTime, read_server_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from driftbook.forensics.logs.record import Place, Read

FEWEST = 23  # columns; 13 has 24, 14 and newer have 26
SEVERITY, MESSAGE = 11, 13  # columns
SEVERITIES = frozenset("DEBUG INFO NOTICE WARNING LOG ERROR FATAL PANIC".split()) | {
    f"DEBUG{level}" for level in range(1, 6)
}


def read_csvlog(stream: TextIO, place: Place) -> Read:
    """Yield the lines of a csvlog that concern DDL."""
    return read_records(_read(stream, place), place)


def looks_like_csvlog(row: list[str]) -> bool:
    """Return whether a record, which may be cut behind its message, is one of a csvlog."""
    if len(row) <= SEVERITY or row[SEVERITY] not in SEVERITIES:
        return False
    try:
        read_server_time(row[0])
    except UnreadableTime as error:
        return "time zone" in str(error)
    return True


def _read(stream: TextIO, place: Place) -> Iterator[ServerRecord | Damaged]:
    for read in read_rows(stream, place):
        if isinstance(read, Damaged):
            yield read
            continue
        raw_ref, row = read
        if len(row) < FEWEST:
            yield Damaged(raw_ref, f"{len(row)} columns instead of {FEWEST} or more")
            continue
        if not is_wanted(row[SEVERITY], row[MESSAGE]):
            continue
        try:
            yield ServerRecord(
                source=LogSource.CSVLOG,
                observed_at=read_server_time(row[0], place.zone),
                raw_ref=raw_ref,
                user=row[1],
                database=row[2],
                client=row[4],
                session=row[5],
                tag=row[7],
                xid=read_number(row[10]),
                severity=row[SEVERITY],
                message=row[MESSAGE],
                query=row[19],
                application=row[22],
            )
        except UnreadableTime as error:
            yield Damaged(raw_ref, str(error))

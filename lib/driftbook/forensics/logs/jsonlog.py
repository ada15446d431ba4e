"""The server's log in JSON (``log_destination = jsonlog``, 15 and newer), and exports of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.forensics.lines import LogSource
from driftbook.forensics.logs.flat import pick, read_objects
from driftbook.forensics.logs.record import Damaged, ServerRecord, read_number
from driftbook.forensics.logs.server import is_wanted, read_records
from driftbook.forensics.logs.times import UnreadableTime, read_access_time, read_server_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from typing import TextIO

    from driftbook.forensics.logs.record import Place, Read

MESSAGE = ("message", "event_message")
MARKS = ("error_severity", "dbname", "database_name", "backend_type", "session_id")


def read_jsonlog(stream: TextIO, place: Place) -> Read:
    """Yield the lines of a jsonlog that concern DDL."""
    return read_records(_read(stream, place), place)


def looks_like_jsonlog(found: Mapping[str, object]) -> bool:
    """Return whether an object could be a record of the server."""
    return bool(pick(found, *MESSAGE)) and bool(pick(found, *MARKS))


def _read(stream: TextIO, place: Place) -> Iterator[ServerRecord | Damaged]:
    for read in read_objects(stream, place):
        if isinstance(read, Damaged):
            yield read
            continue
        raw_ref, found = read
        severity, message = pick(found, "error_severity"), pick(found, *MESSAGE)
        if not is_wanted(severity, message):
            continue
        try:
            at = _read_time(found, place)
        except UnreadableTime as error:
            yield Damaged(raw_ref, str(error))
            continue
        client, port = pick(found, "remote_host", "connection_from"), pick(found, "remote_port")
        yield ServerRecord(
            source=LogSource.JSONLOG,
            observed_at=at,
            raw_ref=raw_ref,
            user=pick(found, "user", "user_name"),
            database=pick(found, "dbname", "database_name"),
            client=f"{client}:{port}" if port else client,
            session=pick(found, "session_id"),
            tag=pick(found, "ps", "command_tag"),
            xid=read_number(pick(found, "txid", "transaction_id")),
            severity=severity,
            message=message,
            query=pick(found, "statement", "query"),
            application=pick(found, "application_name"),
        )


def _read_time(found: Mapping[str, object], place: Place) -> datetime:
    text = pick(found, "timestamp")
    return read_access_time(text) if text.isdigit() else read_server_time(text, place.zone)

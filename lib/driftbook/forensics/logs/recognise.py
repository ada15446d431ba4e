"""Which format a file has, told from what is in it and never from its name."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import islice
from typing import TYPE_CHECKING

from driftbook.forensics.logs import csvlog, ddl_log, http, jsonlog, statements, waldump
from driftbook.forensics.logs.flat import flatten
from driftbook.forensics.logs.table import allow_long_fields

if TYPE_CHECKING:
    from driftbook.forensics.logs.record import Reader

LOOKED_AT = 1024 * 1024  # characters of the beginning
ROWS = 200  # records that are looked at: the first ones may be the end of a torn one
PLAIN = re.compile(r"^[^\n]{0,300}\b(?:LOG|ERROR|WARNING|FATAL|STATEMENT):  ", re.MULTILINE)


class NotALog(ValueError):
    """A file that is none of the formats; its text says why."""


def recognise(head: str) -> Reader:
    """Return the reader for a file that begins with ``head``.

    Raises:
        NotALog: It is no log that can be read.
    """
    head = head.lstrip("\ufeff")
    if not head.strip():
        raise NotALog("it is empty")
    if reader := _recognise_json(head) or _recognise_csv(head) or _recognise_lines(head):
        return reader
    if PLAIN.search(head):
        raise NotALog(
            "it is a plain text log, in which a statement can pretend to be a line: "
            "set log_destination = 'csvlog'"
        )
    if "\0" in head:
        raise NotALog("it is binary, or UTF-16: save it as UTF-8")
    raise NotALog("it is no log of a format that is known")


def _recognise_json(head: str) -> Reader | None:
    if head.lstrip()[0] not in "{[":
        return None
    for line in head.splitlines()[:ROWS]:
        found = _read_object(line)
        if jsonlog.looks_like_jsonlog(found):
            return jsonlog.read_jsonlog
        if http.looks_like_calls(found):
            return http.read_json_calls
    return None


def _read_object(line: str) -> dict[str, object]:
    text = line.strip().lstrip("[").rstrip(",]")
    try:
        return flatten(json.JSONDecoder().raw_decode(text)[0])
    except (ValueError, RecursionError):
        return {}


def _recognise_csv(head: str) -> Reader | None:
    with allow_long_fields():
        rows = _read_some(head)
    names = {name.strip().lower() for name in rows[0]} if rows else set()
    if names >= ddl_log.COLUMNS:
        return ddl_log.read_ddl_log
    if names >= statements.COLUMNS:
        return statements.read_statements
    return csvlog.read_csvlog if any(map(csvlog.looks_like_csvlog, rows)) else None


def _read_some(head: str) -> list[list[str]]:
    try:
        return list(islice(csv.reader(io.StringIO(head)), ROWS))
    except csv.Error:
        return []


def _recognise_lines(head: str) -> Reader | None:
    for line in head.splitlines()[:ROWS]:
        if waldump.RECORD.match(line):
            return waldump.read_waldump
        if http.COMBINED.match(line):
            return http.read_combined
    return None

"""Parts of a portable capture as a snapshot: a claim of whoever sent them, looked at closely."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

from driftbook.catalog.document import LARGEST_BYTES, parse_document, read_capture
from driftbook.catalog.packing import unpack_columns
from driftbook.catalog.portable.mark import HEAD_BYTES, holds_mark
from driftbook.catalog.portable.parts import COLUMNS, FORMAT, HASHED, STORED, TABLES
from driftbook.catalog.stored import StoredTable
from driftbook.errors import SourceError
from driftbook.postgres.answer import MARK, unwrap

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from driftbook.catalog.snapshot import Snapshot

    Part = Mapping[str, Any]

AGAIN = "make it again: driftbook capture --script, or --select; change nothing in the file"
BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
# The beginning of a part, as psql writes it; a cell of a table has more around it.
PART = re.compile(r'^\{"\w+" ?: ?"[^"]*", ?"(format|taken)"', re.MULTILINE)
ANSWER = f'{{"{MARK}" : "answer"'  # as the server writes the beginning of the one cell


@dataclass(frozen=True, slots=True)
class Recorded:
    """The rows of a query that is no frame, what it is called, and what it is about."""

    name: str
    about: str
    rows: list[dict[str, Any]]


class Damaged(ValueError):
    """Parts that are no whole capture."""


def open_capture(path: Path) -> Snapshot:
    """Return the snapshot in a file that driftbook, psql or an SQL editor wrote.

    Raises:
        SourceError: The file is absent, too large, incomplete, altered or something else.
    """
    return open_recorded(path)[0]


def open_recorded(path: Path) -> tuple[Snapshot, list[Recorded]]:
    """Return what :func:`open_capture` does, and what else the script of a target recorded."""
    try:
        with path.open("rb") as file:
            is_portable = holds_mark(file.read(HEAD_BYTES))
            if not is_portable and path.suffix == ".json":
                return read_capture(path), []
            file.seek(0)
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise SourceError(
            f"the capture cannot be read: {error.strerror}", where=str(path), fix=AGAIN
        ) from error
    if len(data) > LARGEST_BYTES:
        raise SourceError(
            f"the capture is larger than {LARGEST_BYTES:,} bytes", where=str(path), fix=AGAIN
        )
    try:
        parts = _split(_decode(data))
        return build_snapshot(parts, source=path.name), list_recorded(parts)
    except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
        said = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise SourceError(f"this is no whole capture: {said}", where=str(path), fix=AGAIN) from None


def build_snapshot(parts: object, *, source: str, is_one_picture: bool = True) -> Snapshot:
    """Return what ``parts`` hold: a head, frames, an end.

    Args:
        parts: As the queries of :mod:`driftbook.catalog.portable.parts` give them.
        source: What the snapshot is of, for people.
        is_one_picture: Whether one transaction must have given them all.

    Raises:
        ArithmeticError, LookupError, TypeError, ValueError: Something is missing or wrong.
    """
    head, *rest, end = check_parts(parts)
    if head.get(MARK) != "capture" or head["format"] != FORMAT:
        raise Damaged("its first part is no head that this driftbook knows")
    _check_head(head)
    if end.get("end") != "capture":
        raise Damaged("its end is missing: it was cut off, or a step failed")
    if is_one_picture and {part["taken"] for part in (*rest, end)} != {head["taken"]}:
        raise Damaged("its parts are of several captures")
    unread = {str(part["unread"]): str(part["why"]) for part in rest if "unread" in part}
    frames = [part for part in rest if "frame" in part]
    for part in frames:
        _check_rows(part)
    rows = {str(part["frame"]): _unpack(part) for part in frames}
    columns = {str(part["frame"]): part["columns"] for part in frames}
    tables = find_tables(frames)
    rows.pop(TABLES), columns.pop(TABLES)
    names = [part["frame"] for part in frames if part["frame"] not in tables]
    if names != end["frames"] or len(rows) + 1 != len(frames):
        raise Damaged("its frames are not those that its end names")
    document = {**head, "source": source, "frames": rows, "columns": columns}
    document["unaccounted"], _ = rows.pop("unaccounted"), columns.pop("unaccounted")
    document["unread"] = _complete(rows, columns, tables, unread)
    return parse_document(document)


def list_recorded(parts: object) -> list[Recorded]:
    """Return the rows of queries that are no frames.

    Raises:
        LookupError, TypeError, ValueError: They were altered, or are none.
    """
    found = []
    for part in (part for part in check_parts(parts) if "recorded" in part):
        if hashlib.sha256(part["rows"].encode()).hexdigest() != part["sha256"]:
            raise Damaged(f"what it records of {str(part['about'])[:63]!r} was altered")
        rows = [dict(row) for row in json.loads(part["rows"])]
        found.append(Recorded(str(part["recorded"]), str(part["about"]), rows))
    return found


def check_parts(parts: object) -> list[Part]:
    """Return ``parts``, which are objects; one that was not asked for is none, and left out.

    Raises:
        ValueError: They are something else.
    """
    if not isinstance(parts, list):
        raise Damaged("it is no list of parts")
    found = [part for part in parts if part is not None]
    if not all(isinstance(part, Mapping) for part in found):
        raise Damaged("a part of it is no object")
    return found


def find_tables(parts: Sequence[Part]) -> dict[str, StoredTable]:
    """Return kind → the table that its objects are rows of, of those that there are.

    Raises:
        LookupError, TypeError, ValueError: What tells of the tables is missing or wrong.
    """
    none: Part = {}
    part = next((part for part in parts if part.get("frame") == TABLES), none)
    rows = part["rows"]
    if part["columns"] != list(COLUMNS[TABLES]) or not isinstance(rows, list):
        raise Damaged("it tells of tables in a form that this driftbook does not know")
    return {str(row[0]): StoredTable(*row) for row in rows}


def _complete(
    rows: dict[str, object],
    columns: dict[str, object],
    tables: Mapping[str, StoredTable],
    unread: Mapping[str, str],
) -> dict[str, str]:
    """Return why kinds of objects in tables were not read; add those of which there is no table."""
    reasons = {}
    for name in sorted({*STORED, *tables}):
        table = tables.get(name)
        if table is None:
            rows[name], columns[name] = [], list(COLUMNS[name])
        elif reason := table.refuse():
            reasons[name] = reason
            rows.pop(name, None), columns.pop(name, None)
        elif name in unread:
            reasons[name] = f"{table.table} could not be read: {unread[name]}"
        elif name not in rows:
            raise Damaged(f"its frame {name!r} is missing")
    return reasons


def _unpack(part: Part) -> object:
    """Return the rows, one for each object, as the part itself says that they are packed."""
    rows = unpack_columns(part["columns"], part["packed"], part["rows"])
    return [list(row) for row in rows] if part["packed"] else rows


def _check_head(head: Part) -> None:
    """Raise when the head does not say what the server hashed: of which server, and when."""
    written = "|".join(str(head[name]) for name in HASHED)
    if hashlib.sha256(written.encode()).hexdigest() != head["sha256"]:
        raise Damaged("its head was altered")


def _check_rows(part: Part) -> None:
    """Raise when the rows are not those whose hash the server wrote beside them."""
    written = json.dumps(part["rows"], ensure_ascii=False, separators=(", ", ": "))
    if hashlib.sha256(written.encode()).hexdigest() != part["sha256"]:
        raise Damaged(f"the frame {str(part['frame'])[:63]!r} was altered")


def _decode(data: bytes) -> str:
    encoding = next((BOMS[bom] for bom in BOMS if data.startswith(bom)), "utf-8")
    return data.decode(encoding)


def _split(text: str) -> object:
    """Return the parts: a line each, as psql writes them, or the cell of the one SELECT."""
    text = text.strip()
    if not text:
        raise Damaged("it is empty")
    if begin := PART.search(text):  # what stands before is psql's, of commands in its own file
        lines = enumerate(text.split("\n"), 1)
        before = text.count("\n", 0, begin.start())
        return [_load_line(line, number) for number, line in lines if number > before]
    try:
        return unwrap(text if text[0] in "[{" else _read_cell(text))
    except json.JSONDecodeError as error:
        raise Damaged(f"it is no JSON, or was cut off: {error}") from None


def _load_line(line: str, number: int) -> object:
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        raise Damaged(f"line {number} is no JSON: it was cut off or edited") from None


def _read_cell(text: str) -> str:
    """Return the one cell of a table: as psql draws it, or exported as CSV, below its name."""
    drawn = [line for line in map(str.strip, text.split("\n")) if line.startswith(ANSWER)]
    if len(drawn) == 1:
        return drawn[0]
    csv.field_size_limit(LARGEST_BYTES)
    rows = list(csv.reader(StringIO(text)))
    if [len(row) for row in rows] != [1, 1]:
        raise Damaged("it is neither JSON nor a table of one cell")
    return rows[1][0]

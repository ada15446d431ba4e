"""Log lines of any kind as one frame: cleaned, without secrets, in the order of time."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING

from driftbook.history.exhibits import TIME, build_exhibit
from driftbook.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import pandas as pd

# One row per line of a log that concerns DDL, or could.
LOG_LINE = {
    "observed_at": TIME,
    "source": "str",
    "raw_ref": "str",
    "xid": "Int64",
    "session": "str",
    "database": "str",
    "db_role": "str",
    "application": "str",
    "client": "str",
    "tag": "str",
    "object_type": "str",
    "object_identity": "str",
    "nested": "boolean",
    "protocol": "str",
    "classid": "Int64",
    "objid": "Int64",
    "objsubid": "Int64",
    "request_path": "str",
    "jwt_role": "str",
    "text_sha256": "str",
    "text": "str",
}
SHOWN = 2_000  # characters of a text that a line keeps
SEARCHED = 12_000  # characters that are searched for secrets: none that is shown is cut in half
WORD = 300  # characters of a name, an address, a path


class LogSource(StrEnum):
    """Where a line was written."""

    CSVLOG = "csvlog"
    JSONLOG = "jsonlog"
    PGAUDIT = "pgaudit"
    DDL_LOG = "ddl_log"
    STATEMENTS = "statements"
    HTTP = "http"
    WAL = "wal"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log; its fields are the columns of ``LOG_LINE``.

    Attributes:
        nested: A function or a DO block ran the statement, not the client.
        protocol: How the client sent it: ``statement`` or ``execute <name of the portal>``.
        text: The original; the frame gets its hash, and what is left without secrets.
    """

    observed_at: datetime | None
    source: LogSource
    raw_ref: str
    xid: int | None = None
    session: str = ""
    database: str = ""
    db_role: str = ""
    application: str = ""
    client: str = ""
    tag: str = ""
    object_type: str = ""
    object_identity: str = ""
    nested: bool = False
    protocol: str = ""
    classid: int | None = None
    objid: int | None = None
    objsubid: int | None = None
    request_path: str = ""
    jwt_role: str = ""
    text_sha256: str = ""
    text: str = ""


def build_lines(lines: Iterable[Line]) -> pd.DataFrame:
    """Return ``lines`` as a frame ``LOG_LINE``, by time and place; no secret is in it."""
    rows = [_list_cells(line) for line in lines]
    frame = build_exhibit(rows, LOG_LINE)
    return frame.sort_values(["observed_at", "raw_ref"], kind="stable", ignore_index=True)


def hash_text(text: str) -> str:
    """Return the SHA-256 of ``text`` as the DDL log has it; empty: there is no text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() if text else ""


def clean(text: str, limit: int = WORD) -> str:
    """Return at most ``limit`` characters of ``text``, without secrets and what nothing stores."""
    kept = redact(text[:SEARCHED])[:limit].replace("\0", "\\x00")
    return kept.encode("utf-8", "backslashreplace").decode()


def _list_cells(line: Line) -> tuple[object, ...]:
    cells = dict(zip((field.name for field in fields(line)), astuple(line), strict=True))
    for name, cell in cells.items():
        if isinstance(cell, str) and name != "text":
            cells[name] = clean(cell) or None
    cells["observed_at"] = line.observed_at.isoformat() if line.observed_at else None
    cells["text_sha256"] = line.text_sha256 or hash_text(line.text) or None
    cells["text"] = clean(line.text, SHOWN) or None
    return tuple(cells[name] for name in LOG_LINE)

"""The log of DDL events: the migration that installs it, and its rows in an audit."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING

from driftbook.errors import ConfigError
from driftbook.forensics.lines import build_lines
from driftbook.forensics.logs.ddl_log import build_line
from driftbook.history.exhibits import list_exhibit_rows

if TYPE_CHECKING:
    from pathlib import Path

    from driftbook.postgres.connect import AuditSession

NAME = "driftbook_ddl_log"
KEPT = 50_000  # of the newest rows; the query asks for one more
GRANT = (
    "run: grant usage on schema driftbook to ROLE; grant select on driftbook.ddl_log to ROLE"
    " (the role of the audit)"
)
FILTERED = "read as its owner, or make its policy ddl_log_read the only one again"
EARLIER = "export the table and give the file with the logs: the older rows are in it"


class DdlLogGap(Exception):
    """The log is there and was not read, or not all of it."""

    def __init__(self, why: str, fix: str, rows: list[tuple[object, ...]] | None = None) -> None:
        super().__init__(why)
        self.why, self.fix, self.rows = why, fix, rows or []


def read_migration() -> str:
    """Return the SQL that installs the log."""
    return files("driftbook.forensics").joinpath("migration/ddl_log.sql").read_text("utf-8")


def write_migration(directory: Path, now: datetime | None = None) -> Path:
    """Write the migration that installs the log into ``directory``; nothing is overwritten.

    Raises:
        ConfigError: It is there already, or the folder cannot be written.
    """
    if present := sorted(directory.glob(f"*{NAME}.sql")):
        raise ConfigError(
            "the log of DDL events is among the migrations already",
            where=str(present[0]),
            fix="apply that file as you apply the others",
        )
    path = directory / f"{(now or datetime.now(UTC)):%Y%m%d%H%M%S}_{NAME}.sql"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(read_migration())
    except OSError as error:
        raise ConfigError(
            f"the file cannot be written: {error.strerror}",
            where=str(path),
            fix="name the folder of the migration files: --migrations DIR",
        ) from error
    return path


def read_ddl_lines(session: AuditSession) -> list[tuple[object, ...]]:
    """Return the newest rows of the log, oldest first, as rows of ``LOG_LINE``.

    No rows when the log is not installed.

    Raises:
        DdlLogGap: It may not be read, or not all of it was.
        psycopg.Error: It cannot be read.
    """
    connection = session.connection
    state = connection.execute(_load("ddl_log")).fetchone()
    if state is None:
        return []
    readable, filtered = state
    if not readable:
        raise DdlLogGap("the role of the audit may not read driftbook.ddl_log", GRANT)
    if filtered:
        raise DdlLogGap("policies hide rows of driftbook.ddl_log from this role", FILTERED)
    # Elsewhere a policy is an error; the one of the log shows everything, as was just made sure.
    connection.execute("set local row_security = on")
    cursor = connection.execute(_load("ddl_line"))
    names = [column.name for column in cursor.description or ()]
    found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    connection.execute("set local row_security = off")
    lines = [build_line(row, f"driftbook.ddl_log:{row['id']}") for row in found[:KEPT]]
    rows = list_exhibit_rows(build_lines(lines))
    if len(found) > KEPT:
        why = f"only the newest {KEPT} rows of driftbook.ddl_log were read"
        raise DdlLogGap(why, EARLIER, rows)
    return rows


def _load(name: str) -> bytes:
    return files("driftbook.forensics").joinpath(f"sql/{name}.sql").read_bytes()

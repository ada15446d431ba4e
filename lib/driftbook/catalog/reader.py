"""Reading a snapshot: every frame by one query, all of them in one round trip."""

from __future__ import annotations

import re
import textwrap
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import psycopg

from driftbook.catalog.kinds import KINDS, STORED_KINDS
from driftbook.catalog.packing import unpack_rows
from driftbook.catalog.snapshot import UNACCOUNTED, Snapshot, build_frame
from driftbook.catalog.stored import StoredTable, read_stored
from driftbook.errors import AuditError, ConnectionFailed
from driftbook.postgres.pipeline import send_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from importlib.resources.abc import Traversable

    from driftbook.postgres.connect import AuditSession
    from driftbook.postgres.rpc import RpcSession

    Rows = Sequence[Sequence[object]]
    Cursors = dict[str, psycopg.Cursor[tuple[object, ...]]]

# What a large schema has most of.
PLENTIFUL = frozenset({"privilege", "column"})
# Half of the work of a server: texts that it writes out of its own form.
DEPARSED = frozenset("index constraint policy trigger view materialized_view rule table".split())
LARGE = 8 * 1024 * 1024  # bytes of pg_attribute: some 1,500 tables
SAVEPOINT = "driftbook_reading"
SIBLING = re.compile(r"(\w+)\.pg(\d+)\.sql")
PART = re.compile(r"^( *)-- part: (\w+)$", re.MULTILINE)


def read_snapshot(session: AuditSession, *, source: str, captured_at: datetime) -> Snapshot:
    """Return everything that the transaction of ``session`` sees.

    Args:
        session: An audit session; its transaction stays open.
        source: What the snapshot is of, for people; not part of its hash.
        captured_at: When, in UTC.

    Raises:
        AuditError: A catalog could not be read; "could not look" is never an empty frame.
    """
    rows, unread = read_rows(session)
    unaccounted = build_frame(rows.get("unaccounted", ()), UNACCOUNTED)
    frames = {
        name: build_frame(rows.pop(name), kind.dtypes)  # each is held once, not twice
        for name, kind in KINDS.items()
        if name not in unread
    }
    return Snapshot(source, captured_at, session.version_num, frames, unaccounted, unread)


def find_stored(session: AuditSession | RpcSession) -> list[StoredTable]:
    """Return the tables whose rows are objects, as far as there are any."""
    rows = session.fetch(load_query("stored_table", session.version_num))
    return [StoredTable(**row) for row in rows]  # type: ignore[arg-type]  # as it selects them


def read_rows(session: AuditSession) -> tuple[dict[str, Rows], Mapping[str, str]]:
    """Return the rows of every frame and of ``unaccounted``, and why a kind was not read.

    Raises:
        AuditError: As :func:`read_snapshot`.
    """
    rows, refused = _read_catalogs(session)
    if "stored_table" in refused:
        why = refused.pop("stored_table")
        return rows, refused | dict.fromkeys(STORED_KINDS, why)
    tables = [StoredTable(*row) for row in rows["stored_table"]]  # type: ignore[arg-type]  # its columns
    queries = {table.kind: load_query(table.kind, session.version_num) for table in tables}
    stored, unread = read_stored(session, tables, queries)
    return rows | dict.fromkeys(STORED_KINDS, ()) | stored, refused | unread


@cache
def load_query(name: str, version_num: int) -> str:
    """Return the SQL that reads the frame ``name`` from a server of ``version_num``.

    ``<name>.pg15.sql`` holds for 15 and newer, ``<name>.sql`` for what is older. A line
    ``-- part: objects`` stands for ``parts/objects.sql``, of which the same holds.
    """
    folder = resources.files("driftbook.catalog") / "sql"
    text = _load_text(folder, name, version_num)
    return PART.sub(lambda part: _indent(part, folder / "parts", version_num), text)


def _indent(part: re.Match[str], folder: Traversable, version_num: int) -> str:
    text = _load_text(folder, part[2], version_num)
    return textwrap.indent(text.rstrip("\n"), part[1])


def _load_text(folder: Traversable, name: str, version_num: int) -> str:
    best: tuple[int, Traversable | None] = (0, None)
    for entry in folder.iterdir():
        found = SIBLING.fullmatch(entry.name)
        since = int(found[2]) if found else 0
        is_wanted = found[1] == name if found else entry.name == f"{name}.sql"
        if is_wanted and since * 10_000 <= version_num and since >= best[0]:
            best = (since, entry)
    if best[1] is None:
        raise LookupError(name)
    return best[1].read_text(encoding="utf-8")


def _read_catalogs(session: AuditSession) -> tuple[dict[str, Rows], dict[str, str]]:
    """Return the rows of every catalog that may be read, and why the others may not.

    A server spends most of the time on writing definitions, on one core for one session: of a
    large schema a second session, which sees the same moment, reads the other half.
    """
    names = [*(name for name in KINDS if name not in STORED_KINDS), "unaccounted", "stored_table"]
    if session.open_beside is None or session.catalog_bytes < LARGE:
        return read_allowed(session, names)
    with ExitStack() as stack:
        try:
            other = stack.enter_context(session.open_beside())
        except ConnectionFailed:  # the limit of the role: it takes longer on one
            return read_allowed(session, names)
        pool = stack.enter_context(ThreadPoolExecutor(1))
        half = pool.submit(read_allowed, other, [name for name in names if name in DEPARSED])
        rows, refused = read_allowed(session, [name for name in names if name not in DEPARSED])
        others, also_refused = half.result()
    return rows | others, refused | also_refused


def read_allowed(
    session: AuditSession, names: Sequence[str]
) -> tuple[dict[str, Rows], dict[str, str]]:
    """Return the rows of those of ``names`` that may be read, and why the others may not.

    Everybody may read all of them, unless somebody took that away from PUBLIC.
    """
    refused: dict[str, str] = {}
    while True:
        try:
            return _read_batches(session, [one for one in names if one not in refused]), refused
        except AuditError as error:
            cause = error.__cause__
            is_refusal = isinstance(cause, psycopg.errors.InsufficientPrivilege)
            if not is_refusal or error.where in refused:
                raise
            refused[str(error.where)] = error.problem
            session.connection.execute(f"rollback to savepoint {SAVEPOINT}".encode())


def _read_batches(session: AuditSession, names: Sequence[str]) -> dict[str, Rows]:
    """Send the queries of a batch before its first answer is awaited.

    Rows of one batch are taken over while the server works on the next.
    """
    rows: dict[str, Rows] = {}
    waiting: Cursors = {}
    for is_plentiful in (True, False):
        batch = [name for name in names if (name in PLENTIFUL) is is_plentiful]
        queries = {name: load_query(name, session.version_num) for name in batch}
        asked, refusal = send_all(
            session.connection,
            {SAVEPOINT: f"savepoint {SAVEPOINT}"} | queries,
            prepare=None,
            meanwhile=lambda done=waiting: rows.update(_take(done)),  # type: ignore[misc]  # bound
        )
        if refusal is not None:
            raise _explain(refusal, batch, asked) from refusal
        del asked[SAVEPOINT]
        waiting = asked
    return rows | _take(waiting)


def _take(cursors: Cursors) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    for name, cursor in cursors.items():
        rows = cursor.fetchall()
        cursor.close()  # which lets go of what the server sent
        found[name] = unpack_rows(KINDS[name], rows) if name in KINDS else rows
    return found


def _explain(
    error: psycopg.Error,
    names: Sequence[str],
    cursors: Mapping[str, psycopg.Cursor[tuple[object, ...]]],
) -> AuditError:
    # Answers come in the order of the queries: the first that is missing is the one refused.
    unread = [name for name in names if name not in cursors or cursors[name].description is None]
    kind = unread[0] if unread else "last"
    message = error.diag.message_primary or str(error).partition("\n")[0]
    fix = "run driftbook doctor TARGET: it prints what the audit role needs"
    if isinstance(error, psycopg.errors.InternalError_ | psycopg.errors.UndefinedObject):
        fix = "try again: an object was dropped while it was read"
    if isinstance(error, psycopg.errors.QueryCanceled):
        fix = "try again when the server is less busy: statement_timeout is 60 seconds"
    return AuditError(f"the {kind} catalog could not be read: {message}", where=kind, fix=fix)

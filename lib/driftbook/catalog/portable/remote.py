"""Reading a snapshot through a function behind HTTP that runs one SELECT."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftbook.catalog.portable.parts import STORED, write_frame
from driftbook.catalog.portable.read import build_snapshot, check_parts, find_tables
from driftbook.catalog.portable.statement import join_parts, list_parts
from driftbook.catalog.reader import load_query
from driftbook.catalog.watched import list_open_catalogs
from driftbook.errors import AuditError, RpcFailed
from driftbook.postgres.refusal import TOO_MUCH

if TYPE_CHECKING:
    from datetime import datetime

    from driftbook.catalog.portable.read import Part
    from driftbook.catalog.snapshot import Snapshot
    from driftbook.catalog.stored import StoredTable
    from driftbook.postgres.rpc import RpcSession

ATTEMPTS = 2
# Every row of a catalog carries the transaction that wrote it.
STATE = """\
select pg_catalog.json_build_array(pg_catalog.count(*), pg_catalog.sum(x.xmin::text::int8)) as part
from pg_catalog.{catalog} as x"""


def read_remote_snapshot(session: RpcSession, *, source: str, captured_at: datetime) -> Snapshot:
    """Return what one SELECT of everything sees, or one for each frame where that is too much.

    Args:
        session: The road to the database.
        source: What the snapshot is of, for people; not part of its hash.
        captured_at: When, in UTC.

    Raises:
        RpcFailed: There is no answer, or a refusal.
        AuditError: Frames were read one by one, and the schema changed meanwhile.
    """
    try:
        parts = check_parts(_read_parts(session))
        wanted = [table for table in find_tables(parts).values() if table.kind in STORED]
        stored = [_read_stored(session, table) for table in wanted if not table.refuse()]
        parts = [*parts[:-1], *stored, parts[-1]]
        snapshot = build_snapshot(parts, source=source, is_one_picture=False)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise AuditError(
            f"the answer is no whole capture: {error}",
            where=session.label,
            fix="let the function return the rows of the SELECT as they are; see docs/capture.md",
        ) from None
    return replace(snapshot, captured_at=captured_at)


def _read_stored(session: RpcSession, table: StoredTable) -> Part:
    frame = write_frame(table.kind, load_query(table.kind, session.version_num))
    try:
        return check_parts([session.evaluate(f"(\n{frame}\n)")])[0]
    except RpcFailed as error:
        return {"unread": table.kind, "why": error.problem}


def _read_parts(session: RpcSession) -> object:
    """Return the parts of all frames that every database has."""
    try:
        return session.evaluate(join_parts(list_parts(session.version_num)))
    except RpcFailed as error:
        if error.code not in TOO_MUCH:
            raise
    return _read_one_by_one(session)


def _read_one_by_one(session: RpcSession) -> object:
    """Return the parts, each of a transaction of its own, between which no catalog changed."""
    for _ in range(ATTEMPTS):
        before = _read_state(session)
        parts = [session.evaluate(f"(\n{part}\n)") for part in list_parts(session.version_num)]
        if _read_state(session) == before:
            return parts
    raise AuditError(
        "the schema was changed while its frames were read one by one: "
        "they are not of one moment, and all of them at once are too much for the function",
        where=session.label,
        fix="try again when no migration runs, or raise the statement timeout of its role",
    )


def _read_state(session: RpcSession) -> object:
    catalogs = list_open_catalogs(session.version_num)
    return session.evaluate(join_parts(STATE.format(catalog=one) for one in catalogs))

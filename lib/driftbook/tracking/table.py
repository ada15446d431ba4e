"""Reading the tracking table without ever mistaking "may not look" for "nothing was applied"."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from driftbook.postgres.connect import AuditSession


class TrackingStatus(StrEnum):
    """What is known about the tracking table."""

    READABLE = "readable"
    EMPTY = "empty"
    ABSENT = "absent"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class TrackingRow:
    """One recorded version; ``name`` and ``statements`` are ``None`` when not recorded.

    Attributes:
        version: As text.
        name: Recorded title.
        statements: What was sent, cut as it was.
        xid: The transaction that wrote the row, as far as the server still tells.
        is_witnessed: Whether an object that is still there was written by the same transaction.
    """

    version: str
    name: str | None
    statements: tuple[str, ...] | None
    xid: int | None = None
    is_witnessed: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A privilege that somebody other than the owner holds on the tracking table.

    Attributes:
        grantee: A role, or PUBLIC.
        privilege: ``INSERT``, ``SELECT``, ``USAGE``, …
        on: ``table``, ``schema`` or ``column``.
    """

    grantee: str
    privilege: str
    on: str


@dataclass(frozen=True, slots=True)
class Tracking:
    """The tracking table as the session saw it, in the order of the versions' text."""

    table: str
    status: TrackingStatus
    rows: tuple[TrackingRow, ...] = ()
    grants: tuple[Grant, ...] = ()
    why: str = ""  # it could not be read
    fix: str = ""

    @property
    def versions(self) -> frozenset[str] | None:
        """Return the applied versions; ``None`` when they are unknown."""
        known = self.status in {TrackingStatus.READABLE, TrackingStatus.EMPTY}
        return frozenset(row.version for row in self.rows) if known else None


def read_tracking(session: AuditSession, table: str) -> Tracking:
    """Return the recorded versions of ``table`` (``schema.name``).

    The read is done with ``row_security = off``: where row level security would hide rows the
    server refuses. Only when a policy admits every row to this role is the read repeated with it.
    """
    schema, _, name = table.rpartition(".")
    schema = schema or "public"
    cursor = session.connection.execute(_load("describe"), {"schema": schema, "name": name})
    row = cursor.fetchone()
    assert row is not None  # noqa: S101 - the query starts from a constant row
    has_schema, kind, can_use, can_select, row_security, open_policy = row
    refused = _refuse(table, has_schema=has_schema, kind=kind, allowed=can_use and can_select)
    if refused:
        return refused
    try:
        rows = _read_rows(session.connection, schema, name, filtered=False)
    except psycopg.errors.InsufficientPrivilege:
        if not (row_security and open_policy):
            return Tracking(
                table,
                TrackingStatus.UNREADABLE,
                why="row level security would hide rows of it from the audit role",
                fix=f"create policy driftbook_auditor_reads on {table} for select to "
                "driftbook_auditor using (true)",
            )
        rows = _read_rows(session.connection, schema, name, filtered=True)
    status = TrackingStatus.READABLE if rows else TrackingStatus.EMPTY
    grants = session.connection.execute(_load("grants"), {"schema": schema, "name": name})
    return Tracking(table, status, rows, tuple(Grant(*map(str, row)) for row in grants))


def _refuse(table: str, *, has_schema: bool, kind: str | None, allowed: bool) -> Tracking | None:
    if not has_schema or kind is None:
        missing = "its schema does not exist" if not has_schema else "it does not exist"
        return Tracking(
            table,
            TrackingStatus.ABSENT,
            why=missing,
            fix="name the right one as tracking_table of the target, or restore it: "
            "a dump of the data alone leaves it behind",
        )
    if kind not in {"r", "p"}:
        # A view of that name would run somebody's code inside the audit.
        return Tracking(
            table, TrackingStatus.UNREADABLE, why="it is not a table", fix="name the real table"
        )
    if not allowed:
        schema = table.rpartition(".")[0] or "public"
        return Tracking(
            table,
            TrackingStatus.UNREADABLE,
            why="the audit role may not read it",
            fix=f"grant usage on schema {schema} to driftbook_auditor; "
            f"grant select on {table} to driftbook_auditor",
        )
    return None


def _read_rows(
    connection: psycopg.Connection[tuple[object, ...]], schema: str, name: str, *, filtered: bool
) -> tuple[TrackingRow, ...]:
    query = sql.SQL(_load("rows").decode()).format(sql.Identifier(schema, name))
    with connection.transaction():  # a savepoint: a refusal must not end the audit's transaction
        if filtered:
            connection.execute("set local row_security = on")
        found = connection.execute(query).fetchall()
        if filtered:
            connection.execute("set local row_security = off")
    return tuple(
        TrackingRow(
            str(version),
            None if row_name is None else str(row_name),
            tuple(map(str, statements)) if isinstance(statements, list) else None,
            int(str(xid)),
            bool(is_witnessed),
        )
        for version, row_name, statements, xid, is_witnessed in found
    )


def _load(name: str) -> bytes:
    return files("driftbook.tracking").joinpath(f"sql/{name}.sql").read_bytes()

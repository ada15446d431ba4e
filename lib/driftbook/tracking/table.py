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
    """One recorded version; ``name`` and ``statements`` are ``None`` when not recorded."""

    version: str
    name: str | None
    statements: tuple[str, ...] | None
    xid: int | None = None  # the transaction that wrote it; None: not read


@dataclass(frozen=True, slots=True)
class Tracking:
    """The tracking table as the session saw it, in the order of the versions' text."""

    table: str
    status: TrackingStatus
    rows: tuple[TrackingRow, ...] = ()
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
    query = files("driftbook.tracking").joinpath("sql/describe.sql").read_text(encoding="utf-8")
    cursor = session.connection.execute(query.encode(), {"schema": schema, "name": name})
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
    return Tracking(table, TrackingStatus.READABLE if rows else TrackingStatus.EMPTY, rows)


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
    # Old tables lack the columns name and statements: they are discovered, not assumed.
    query = sql.SQL(
        "select t.version::text, to_jsonb(t) ->> 'name', to_jsonb(t) -> 'statements' "
        'from {} as t order by t.version::text collate "C"'
    ).format(sql.Identifier(schema, name))
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
        )
        for version, row_name, statements in found
    )

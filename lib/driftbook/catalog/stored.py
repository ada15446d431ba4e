"""Objects that are rows of tables: what may be read of them, so that a filter never hides one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftbook.postgres.connect import AuditSession

    Rows = Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table whose rows are objects of a kind, as ``sql/stored_table.sql`` describes it.

    Attributes:
        kind: Of the objects.
        table: Qualified name.
        is_table: It is one, and no view that would run somebody's code.
        can_use: Whether the session's role may use its schema.
        denied: Columns that the role may not read, with commas.
        foreign: Columns of types that are not the server's own, with commas.
        is_filtered: Row level security applies to the role.
        admits_all: A policy admits every row all the same.
    """

    kind: str
    table: str
    is_table: bool
    can_use: bool
    denied: str | None
    foreign: str | None
    is_filtered: bool
    admits_all: bool

    def refuse(self) -> str:
        """Return why the table is not read; empty: it may be."""
        if not self.is_table:
            return f"{self.table} is no ordinary table"
        if self.foreign:
            return f"{self.table} has columns of types that are not the server's: {self.foreign}"
        if not self.can_use:
            return f"the audit role may not use the schema of {self.table}"
        if self.denied:
            return f"the audit role may not read {self.table} ({self.denied})"
        if self.is_filtered and not self.admits_all:
            return f"row level security would hide rows of {self.table} from the audit role"
        return ""


def read_stored(
    session: AuditSession, tables: Iterable[StoredTable], queries: dict[str, str]
) -> tuple[dict[str, Rows], dict[str, str]]:
    """Return kind → rows, and kind → why it was not read, of ``tables``.

    Args:
        session: An audit session; a refusal does not end its transaction.
        tables: Those that there are.
        queries: Kind → query.
    """
    rows: dict[str, Rows] = {}
    unread: dict[str, str] = {}
    for table in tables:
        if reason := table.refuse():
            unread[table.kind] = reason
            continue
        try:
            found = session.fetch(queries[table.kind], filtered=table.is_filtered)
        except psycopg.Error as error:
            message = error.diag.message_primary or type(error).__name__
            unread[table.kind] = f"{table.table} could not be read: {message}"
        else:
            rows[table.kind] = [tuple(row.values()) for row in found]
    return rows, unread

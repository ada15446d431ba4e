"""Reading the exhibits of an audit: what the server remembers beside the schema itself.

They are read in the audit's one transaction, with plain SELECTs that need no privilege. An
exhibit that cannot be read is told of, and is empty; it never stops the audit.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import psycopg

from driftbook.forensics.ddl_log import DdlLogGap, read_ddl_lines
from driftbook.forensics.edges import UnnamedObjects, name_edges, name_objects
from driftbook.forensics.frames import EXHIBITS, read_ref, write_key
from driftbook.forensics.witness import WITNESSES, build_witness_query
from driftbook.history.exhibits import build_exhibit
from driftbook.postgres.pipeline import send_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    import pandas as pd
    from psycopg.rows import TupleRow

    from driftbook.forensics.edges import Names
    from driftbook.postgres.connect import AuditSession
    from driftbook.tracking.table import Tracking

SHORT = 16  # hex digits of a hash that only has to tell clusters apart


@dataclass(frozen=True, slots=True)
class Unread:
    """An exhibit that could not be read: which, why, and what would help."""

    exhibit: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class Exhibited:
    """Every exhibit by name, and those that could not be read."""

    exhibits: Mapping[str, pd.DataFrame]
    unread: tuple[Unread, ...] = ()


def read_exhibits(
    session: AuditSession, tracking: Tracking, at: datetime, *, told: bool = False
) -> Exhibited:
    """Return what the server remembers.

    Args:
        session: An audit session; its transaction stays open.
        tracking: The tracking table as the same transaction saw it.
        at: The clock of the audit.
        told: It is a clock of a story, so that times of the server mean nothing.
    """
    reader = _Reader(session, tracking, at, told)
    readers: Mapping[str, Callable[[], Sequence[Sequence[object]]]] = {
        "clock": reader.read_clock,
        "record": reader.read_records,
        "witness": reader.read_witnesses,
        "dropped_column": reader.read_dropped_columns,
        "ddl_line": lambda: read_ddl_lines(session),
        "dependency": reader.read_dependencies,
    }
    exhibits, unread = {}, []
    for name, dtypes in EXHIBITS.items():
        rows: Sequence[Sequence[object]] = ()
        try:
            with session.connection.transaction():  # a savepoint: the audit's own one goes on
                rows = readers[name]()
        except psycopg.Error as error:
            why = error.diag.message_primary or str(error).partition("\n")[0]
            unread.append(Unread(name, why, "run driftbook doctor TARGET"))
        except DdlLogGap as gap:
            rows = gap.rows
            unread.append(Unread(name, gap.why, gap.fix))
        except UnnamedObjects as error:
            unread.append(Unread(name, str(error), "run driftbook doctor TARGET"))
        exhibits[name] = build_exhibit(rows, dtypes)
    return Exhibited(exhibits, tuple(unread))


def leave_out(why: str, fix: str) -> Exhibited:
    """Return exhibits of which none was read, for one reason."""
    exhibits = {name: build_exhibit((), dtypes) for name, dtypes in EXHIBITS.items()}
    return Exhibited(exhibits, tuple(Unread(name, why, fix) for name in EXHIBITS))


@dataclass(slots=True)
class _Reader:
    session: AuditSession
    tracking: Tracking
    at: datetime
    told: bool
    has_commit_times: bool = False
    names: Names | None = None  # of the witnesses, once they are read

    def read_clock(self) -> list[tuple[object, ...]]:
        cursor = self.session.connection.execute(_load("clock"))
        row = cursor.fetchone()
        assert row is not None  # noqa: S101 - the query starts from nothing and gives one row
        kept, next_xid, wrapped, database = row
        self.has_commit_times = bool(kept) and not self.told
        identifier, born_at, oldest = self._read_cluster()
        cluster = hashlib.sha256(identifier.encode()).hexdigest()[:SHORT] if identifier else None
        if self.told:
            born_at = oldest = None
        clock = (self.has_commit_times, next_xid, wrapped, database, cluster)
        return [(*clock, born_at, oldest, self.at)]

    def _read_cluster(self) -> tuple[str, object, object]:
        try:
            with self.session.connection.transaction():
                row = self.session.connection.execute(_load("cluster")).fetchone()
        except psycopg.errors.InsufficientPrivilege:
            return "", None, None  # a host took it away; the order of transactions is left
        assert row is not None  # noqa: S101 - control data is always there
        return str(row[0]), row[1], row[2]

    def read_records(self) -> list[tuple[object, ...]]:
        times = self._read_times(row.xid for row in self.tracking.rows)
        return [(row.version, row.xid, times.get(row.xid)) for row in self.tracking.rows]

    def read_witnesses(self) -> list[tuple[object, ...]]:
        found = self._ask_witnesses()
        rows = [(row[0], write_key(read_ref(row[0], row[1])), *row[2:]) for row in found]
        rows.sort(key=lambda row: row[:2])
        self.names = name_objects(rows)
        times = self._read_times(xid for row in rows for xid in (row[5], row[7]))
        return [(*row, times.get(row[5]), times.get(row[7])) for row in rows]

    def _ask_witnesses(self) -> list[TupleRow]:
        version_num = self.session.version_num
        queries = {kind: build_witness_query(kind, version_num) for kind in WITNESSES}
        cursors, refusal = send_all(self.session.connection, queries)
        if refusal is not None:
            raise refusal
        return [row for cursor in cursors.values() for row in cursor.fetchall()]

    def read_dropped_columns(self) -> list[tuple[object, ...]]:
        rows = self.session.connection.execute(_load("dropped_column")).fetchall()
        times = self._read_times(row[3] for row in rows)
        return [(*row, times.get(row[3])) for row in rows]

    def read_dependencies(self) -> list[tuple[str, ...]]:
        if self.names is None:
            raise UnnamedObjects("it is told of the witnesses, which were not read")
        return name_edges(self.session.connection.execute(_load("dependency")), self.names)

    def _read_times(self, xids: object) -> dict[object, object]:
        """Return transaction → when it committed, of those that the server still knows."""
        asked = sorted({xid for xid in xids if xid is not None})  # type: ignore[attr-defined]
        if not (self.has_commit_times and asked):
            return {}
        rows = self.session.connection.execute(_load("commit_time"), {"xids": asked}).fetchall()
        return {xid: at for xid, at in rows if at is not None}


def _load(name: str) -> bytes:
    return files("driftbook.forensics").joinpath(f"sql/{name}.sql").read_bytes()

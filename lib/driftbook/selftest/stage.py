"""A database in which one thing after another is changed, read as an audit reads, and undone."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.reader import read_rows
from driftbook.catalog.snapshot import UNACCOUNTED, Snapshot, build_frame
from driftbook.drift.canonical import equalise, find_texts
from driftbook.drift.diff import diff_snapshots
from driftbook.drift.scope import ScopeSettings, apply_scope
from driftbook.postgres.connect import SETTINGS, AuditSession, connect_plain
from driftbook.shadow.prepare import AUDITOR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd
    from psycopg import Connection
    from psycopg.rows import TupleRow

    Rows = Mapping[str, Sequence[Sequence[object]]]

# What scope and folding look up of objects that did not change.
CONTEXT = frozenset(
    "schema extension table column sequence policy owner default_privilege role".split()
)
USE_AUDITOR = f"set local role {AUDITOR}"


@dataclass(frozen=True, slots=True)
class Stage:
    """One open transaction; whatever is done in it is taken back.

    Attributes:
        session: Reads what the transaction did; it is the one that does it.
        scratch: Another session of the same role, that reads texts back.
        as_auditor: Whether the role may read as the role that audits.
        platform: What is subtracted; ``None``: nothing.
        scope: What is compared.
        rows: What the queries give before and after each mutation.
        base: The same as a snapshot.
        compared: What of it is compared.
    """

    session: AuditSession
    scratch: Connection[TupleRow]
    as_auditor: bool
    platform: Snapshot | None
    scope: ScopeSettings
    rows: Rows
    base: Snapshot
    compared: Snapshot

    def compare_after(self, statement: str) -> pd.DataFrame:
        """Return what an audit finds changed after ``statement``, which is then taken back.

        Raises:
            psycopg.Error: The statement cannot be done.
        """
        with self.session.connection.transaction(force_rollback=True):
            # Several statements in one text are none that a server prepares.
            self.session.connection.execute(statement.encode(), prepare=False)
            rows, _ = _read(self.session, as_auditor=self.as_auditor)
        frames = self.base.frames
        changed = {name for name in frames if rows[name] != self.rows[name]}
        # Rows that are equal can give no change: a kind that has no others is left out.
        kept = {name: frame for name, frame in frames.items() if name in changed | CONTEXT}
        built = {name: build_frame(rows[name], KINDS[name].dtypes) for name in changed}
        expected = replace(self.base, frames=kept)
        return self._compare(expected, expected.with_frames(built))

    def compare(self, after: Snapshot) -> pd.DataFrame:
        """Return the changes from the base to ``after`` as an audit finds them."""
        return self._compare(self.base, after)

    def _compare(self, expected: Snapshot, live: Snapshot) -> pd.DataFrame:
        scoped = apply_scope(expected, live, self.platform, self.scope)
        changes = diff_snapshots(scoped.expected, scoped.live)
        if find_texts(changes):
            return equalise(changes, scoped.expected, scoped.live, self.scratch)
        return changes


@contextmanager
def open_stage(
    dsn: str,
    *,
    as_auditor: bool,
    platform: Snapshot | None = None,
    scope: ScopeSettings | None = None,
) -> Iterator[Stage]:
    """Yield a stage in the database at ``dsn``; arguments as the attributes of :class:`Stage`."""
    wanted = scope or ScopeSettings()
    with connect_plain(dsn) as connection, connect_plain(dsn) as scratch:
        # The same queries, some hundred times: they are planned once.
        connection.prepare_threshold = 0
        with connection.transaction(force_rollback=True):
            for name, value in {**SETTINGS, "idle_in_transaction_session_timeout": "0"}.items():
                setting = sql.SQL("set local {} = {}")
                connection.execute(setting.format(sql.Identifier(name), sql.Literal(value)))
            session = AuditSession(connection, connection.info.server_version, SETTINGS)
            with connection.transaction(force_rollback=True):
                rows, unread = _read(session, as_auditor=as_auditor)
            base = _build(session, rows, unread)
            compared = apply_scope(base, base, platform, wanted).expected
            yield Stage(session, scratch, as_auditor, platform, wanted, rows, base, compared)


def _read(session: AuditSession, *, as_auditor: bool) -> tuple[Rows, Mapping[str, str]]:
    if as_auditor:
        session.connection.execute(USE_AUDITOR)
    return read_rows(session)


def _build(session: AuditSession, rows: Rows, unread: Mapping[str, str]) -> Snapshot:
    frames = {
        name: build_frame(rows[name], kind.dtypes)
        for name, kind in KINDS.items()
        if name not in unread
    }
    unaccounted = build_frame(rows["unaccounted"], UNACCOUNTED)
    now = datetime.now(UTC)
    return Snapshot("the self-test", now, session.version_num, frames, unaccounted, unread)

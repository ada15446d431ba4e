"""A database in which one thing after another is changed, read as an audit reads, and undone."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.catalog.reader import read_snapshot
from driftbook.drift.canonical import equalise
from driftbook.drift.diff import diff_snapshots
from driftbook.drift.scope import ScopeSettings, apply_scope
from driftbook.postgres.connect import SETTINGS, AuditSession, connect_plain
from driftbook.shadow.prepare import AUDITOR

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from driftbook.catalog.snapshot import Snapshot

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
        base: What the database holds before and after each mutation.
        compared: What of it is compared.
    """

    session: AuditSession
    scratch: Connection[TupleRow]
    as_auditor: bool
    platform: Snapshot | None
    scope: ScopeSettings
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
            after = _read(self.session, as_auditor=self.as_auditor)
        return self.compare(after)

    def compare(self, after: Snapshot) -> pd.DataFrame:
        """Return the changes from the base to ``after`` as an audit finds them."""
        scoped = apply_scope(self.base, after, self.platform, self.scope)
        changes = diff_snapshots(scoped.expected, scoped.live)
        return equalise(changes, scoped.expected, scoped.live, self.scratch)


@contextmanager
def open_stage(
    dsn: str,
    *,
    as_auditor: bool,
    platform: Snapshot | None = None,
    scope: ScopeSettings | None = None,
) -> Iterator[Stage]:
    """Yield a stage in the database at ``dsn``; arguments as the attributes of :class:`Stage`."""
    with connect_plain(dsn) as connection, connect_plain(dsn) as scratch:
        # The same queries, some hundred times: they are planned once.
        connection.prepare_threshold = 0
        with connection.transaction(force_rollback=True):
            for name, value in SETTINGS.items():
                statement = sql.SQL("set local {} = {}")
                connection.execute(statement.format(sql.Identifier(name), sql.Literal(value)))
            connection.execute("set local idle_in_transaction_session_timeout = 0")
            session = AuditSession(connection, connection.info.server_version, SETTINGS)
            with connection.transaction(force_rollback=True):
                base = _read(session, as_auditor=as_auditor)
            wanted = scope or ScopeSettings()
            compared = apply_scope(base, base, platform, wanted).expected
            yield Stage(session, scratch, as_auditor, platform, wanted, base, compared)


def _read(session: AuditSession, *, as_auditor: bool) -> Snapshot:
    if as_auditor:
        session.connection.execute(USE_AUDITOR)
    return read_snapshot(session, source="the self-test", captured_at=datetime.now(UTC))

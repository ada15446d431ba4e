"""Sending files as the tool sends them: one batch, one implicit transaction, one time limit."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus

from driftbook.errors import ServerError
from driftbook.postgres.connect import connect_plain
from driftbook.shadow.prelude import load_sql
from driftbook.shadow.result import Failure
from driftbook.shadow.roles import INLINE_ROLES_VERSION
from driftbook.sqltext import find_position

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg.rows import TupleRow

    from driftbook.postgres.server import ShadowServer
    from driftbook.shadow.interceptor import Send
    from driftbook.shadow.prepare import Prepared
    from driftbook.shadow.result import Reason
    from driftbook.shadow.script import Script

INSERT_RECORD = (
    b"insert into supabase_migrations.schema_migrations(version, name, statements) "
    b"values (%s, %s, %s)"
)
# Given at connect, so that the RESET ALL before every file returns to them.
OPTIONS = (
    "-c client_min_messages=error -c statement_timeout=60s -c lock_timeout=10s "
    "-c application_name=driftbook-replay"
)
SELF_GRANT = " -c createrole_self_grant=set,inherit"
# Counters of written rows are told at once instead of once in a second.
PUBLISH_WRITES = b"select pg_catalog.pg_stat_force_next_flush()"
COUNTS_ON_DEMAND_VERSION = 150_000
MAX_FILE_SECONDS = 120.0  # a file that runs longer fails
OPEN_TRANSACTION = "25001"
LEFT_OPEN = "the file leaves a transaction open: BEGIN without COMMIT"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one batch ended; ``number`` is the statement to blame, 0 when it is none."""

    error: psycopg.Error | ServerError | None = None
    number: int = 0
    send: Send | None = None


class Runner:
    """The replay role's session; a context manager.

    Role and transaction outlive a file as they do for the tool; a broken session is replaced.
    """

    def __init__(self, server: ShadowServer, prepared: Prepared, max_seconds: float) -> None:
        self._server, self._prepared, self._seconds = server, prepared, max_seconds
        self._connection: psycopg.Connection[TupleRow] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()

    @property
    def connection(self) -> psycopg.Connection[TupleRow]:
        """Return the session; a new one when the last is broken."""
        if self._connection is None or self._connection.closed:
            options = OPTIONS
            if self._server.version_num >= INLINE_ROLES_VERSION:
                options += SELF_GRANT
            secret = self._server.dsn(self._prepared.database, self._prepared.role)
            self._connection = connect_plain(make_conninfo(secret, options=options))
        return self._connection

    def run_file(
        self, script: Script, sends: Sequence[Send], *, records: bool
    ) -> tuple[float, Failure | None]:
        """Send one file; return the seconds it took and its first error."""
        started = time.perf_counter()
        outcome = self._run_batch(script, sends, records=records)
        failure = describe(script, outcome) if outcome.error else None
        if self._clean_up() and failure is None:
            failure = Failure(
                script.file,
                script.version,
                *find_opening(script),
                sqlstate=OPEN_TRANSACTION,
                message=LEFT_OPEN,
                hint="end the transaction in the file that begins it",
                reason="open-transaction",
            )
        return time.perf_counter() - started, failure

    def run_statement(self, script: Script, send: Send) -> Failure | None:
        """Send one statement in a transaction of its own."""
        connection = self.connection
        outcome = Outcome()
        try:
            with self._server.run_watched(connection, self._seconds):
                connection.execute(send.text.encode(), prepare=False)
        except (psycopg.Error, ServerError) as error:
            outcome = Outcome(error, send.number, send)
            if isinstance(error, ServerError) and not self._server.running:
                raise
        if connection.closed:
            self._connection = None
        return describe(script, outcome) if outcome.error else None

    def publish_writes(self) -> bool:
        """Let other sessions see now what this one wrote; return whether the server can do it."""
        if self._server.version_num < COUNTS_ON_DEMAND_VERSION:
            return False
        try:
            self.connection.execute(PUBLISH_WRITES, prepare=False)
        except psycopg.Error:  # a file may have left a session that takes nothing more
            return False
        return True

    def read_session(self) -> object:
        """Return what a new session would lack or get; equal when one could go on in its place.

        The answer is as foreign as the files: it decides what is kept, and nothing else.
        """
        try:
            query = load_sql("session.sql").encode()
            return self.connection.execute(query, prepare=False).fetchone()
        except psycopg.Error as error:  # a file may have left a session that takes nothing more
            return error

    def _run_batch(self, script: Script, sends: Sequence[Send], *, records: bool) -> Outcome:
        connection = self.connection
        cursors: list[psycopg.Cursor[TupleRow]] = []
        try:
            with self._server.run_watched(connection, self._seconds):
                connection.execute("reset all")
                self._send(connection, script, sends, cursors, records=records)
        except (psycopg.Error, ServerError) as error:
            if isinstance(error, ServerError) and not self._server.running:
                raise
            # Answers come in order: the first statement without one is to blame.
            done = sum(1 for cursor in cursors if cursor.pgresult is not None)
            blamed = sends[done] if done < len(sends) else None
            return Outcome(error, blamed.number if blamed else 0, blamed)
        return Outcome()

    @staticmethod
    def _send(
        connection: psycopg.Connection[TupleRow],
        script: Script,
        sends: Sequence[Send],
        cursors: list[psycopg.Cursor[TupleRow]],
        *,
        records: bool,
    ) -> None:
        """Send one batch; its only Sync is the one that leaving the block sends."""
        first: psycopg.Error | None = None
        try:
            with connection.pipeline():
                try:
                    if script.is_wrapped:
                        connection.execute(b"begin", prepare=False)
                    for send in sends:
                        cursors.append(connection.cursor())
                        cursors[-1].execute(send.text.encode(), prepare=False)
                    if records:
                        statements = [statement.text for statement in script.statements] or None
                        record = (script.version, script.name, statements)
                        connection.execute(INSERT_RECORD, record, prepare=False)
                    if script.is_wrapped:
                        connection.execute(b"commit", prepare=False)
                except psycopg.Error as error:  # an answer may arrive while more is being sent
                    first = error
        except psycopg.Error:
            if first is None:
                raise
        if first is not None:
            raise first

    def _clean_up(self) -> bool:
        """Return whether the file left a transaction open, which is rolled back."""
        connection = self._connection
        if connection is None or connection.closed:
            self._connection = None
            return False
        if connection.info.transaction_status == TransactionStatus.IDLE:
            return False
        was_open = connection.info.transaction_status == TransactionStatus.INTRANS
        with suppress(psycopg.Error):
            connection.rollback()
            return was_open
        connection.close()
        self._connection = None
        return was_open


def describe(script: Script, outcome: Outcome) -> Failure:
    """Return the error of ``outcome`` with its place in the file."""
    error, send = outcome.error, outcome.send
    statement = script.statements[send.number - 1] if send else None
    line, column = (statement.line, statement.column) if statement else (1, 1)
    reason: Reason = "server"
    sqlstate, hint = "57014", ""
    message = str(error).partition("\n")[0]
    if isinstance(error, psycopg.Error):
        sqlstate, hint = error.sqlstate or "08006", error.diag.message_hint or ""
        message = error.diag.message_primary or message
        position = error.diag.statement_position
        if send and statement and position and not send.is_moved:
            line, column = find_position(script.text, statement.offset + int(position) - 1)
    elif isinstance(error, ServerError):
        message, hint, reason = error.problem, error.fix, "time"
    return Failure(
        script.file,
        script.version,
        outcome.number,
        line,
        column,
        sqlstate,
        message,
        hint,
        statement.line if statement else 0,
        reason,
    )


def find_opening(script: Script) -> tuple[int, int, int]:
    """Return number, line and column of the last statement that begins a transaction."""
    for number in range(len(script.shapes), 0, -1):
        if script.shapes[number - 1].kind == "begin":
            statement = script.statements[number - 1]
            return number, statement.line, statement.column
    return 0, 1, 1

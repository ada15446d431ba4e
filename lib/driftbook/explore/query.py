"""One question in SQL, in the kind of session that audits have: it reads, and cannot write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import psycopg

from driftbook.errors import AuditError, ConfigError
from driftbook.postgres.connect import connect_audit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.postgres.connect import AuditSession, Dsn

CURSOR = "driftbook_question"
LONGEST_SECONDS = 600
HINTS = {
    "42P01": "write the schema as well: the search path is empty",
    "42883": "write the schema as well: the search path is empty",
    "42501": "grant it to the role that audits, or ask something else",
    "57014": "ask for less, or give timeout=SECONDS",
    "25006": "change the schema by a migration: this session only reads",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a question; ``is_cut``: there are more."""

    frame: pd.DataFrame
    is_cut: bool


def ask(  # noqa: PLR0913 - all but the first two by name
    dsn: Dsn | str, text: str, *, label: str, limit: int, timeout: float, insecure: bool = False
) -> Answer:
    """Return the rows of one query.

    The server itself refuses everything else: a cursor is declared for it, which takes a single
    query and no statement that changes data, in a transaction that is read only and rolled back.

    Args:
        dsn: Of the database.
        text: A SELECT, VALUES or TABLE, or WITH before one.
        label: What errors call the database.
        limit: So many rows at most.
        timeout: Seconds.
        insecure: Allow a session without TLS to another machine.

    Raises:
        ConfigError: The limits make no sense, or the server refuses the text.
        ConnectionFailed: The database cannot be reached.
    """
    if limit < 1 or not 0 < timeout <= LONGEST_SECONDS:
        raise ConfigError(
            "a question needs a limit of 1 or more, and a timeout of up to ten minutes",
            fix="leave out limit and timeout",
        )
    refusal: AuditError | None = None
    with connect_audit(dsn, label=label, insecure=insecure) as session:
        try:
            names, rows = _fetch(session, text, limit, timeout)
        except psycopg.Error as error:
            refusal = _explain(error, label)
    # Raised out here: the driver's error is not even the context.
    if refusal:
        raise refusal
    return Answer(_build_frame(names, rows[:limit]), len(rows) > limit)


def _fetch(
    session: AuditSession, text: str, limit: int, timeout: float
) -> tuple[list[str], Sequence[tuple[object, ...]]]:
    run = session.connection.execute
    run(f"set local statement_timeout = {int(timeout * 1000)}".encode())
    # ``binary``: the protocol that takes one statement only, so that no second one hides in it.
    run(f"declare {CURSOR} no scroll cursor for {text}".encode(), binary=True)
    cursor = run(f"fetch {limit + 1} from {CURSOR}".encode())
    assert cursor.description is not None  # noqa: S101 - fetch has columns, also without a row
    return [column.name for column in cursor.description], cursor.fetchall()


def _build_frame(names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    """Return the rows; of two columns with one name the second gets a number."""
    taken: list[str] = []
    for name in names:
        number = sum(other.partition(" #")[0] == name for other in taken)
        taken.append(f"{name} #{number + 1}" if number else name)
    return pd.DataFrame(list(map(list, rows)), columns=taken)


def _explain(error: psycopg.Error, label: str) -> AuditError:
    why = error.diag.message_primary or str(error).partition("\n")[0]
    hint = HINTS.get(error.sqlstate or "", "ask one query: select …, with … select …, table …")
    refused = ConfigError if error.sqlstate else AuditError
    return refused(f"the server refuses it: {why}", where=label, fix=hint)  # type: ignore[return-value]

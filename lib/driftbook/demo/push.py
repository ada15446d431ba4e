"""Apply files as the Supabase CLI does: one file, one batch, its tracking row in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg
    from psycopg.rows import TupleRow

RECORD = (
    "insert into supabase_migrations.schema_migrations (version, name, statements) "
    "values (%s, %s, %s)"
)


def push_file(
    session: psycopg.Connection[TupleRow], version: str, name: str, statements: Sequence[str]
) -> None:
    """Apply the statements of one file and record them, in one implicit transaction.

    Args:
        session: A session with autocommit, as the role that migrations run as.
        version: What is recorded as version.
        name: What is recorded as name.
        statements: The file, split; recorded as sent.
    """
    session.execute("reset all")
    with session.pipeline():  # leaving the block sends the one Sync, which ends the transaction
        for statement in statements:
            session.execute(statement.encode(), prepare=False)
        session.execute(RECORD, (version, name, list(statements)), prepare=False)

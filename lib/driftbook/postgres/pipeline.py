"""Many queries sent before the first answer is awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from psycopg.rows import TupleRow

    Cursors = dict[str, psycopg.Cursor[TupleRow]]


def send_all(
    connection: psycopg.Connection[TupleRow],
    queries: Mapping[str, str],
    *,
    prepare: bool | None = False,
    meanwhile: Callable[[], None] = lambda: None,
) -> tuple[Cursors, psycopg.Error | None]:
    """Return the cursor of each query that was sent, and what refused the first, if one was.

    Leaving the block of a pipeline sends its one Sync: an explicit one can hang (15 and 18).

    Args:
        connection: An idle session.
        queries: Name → query, in their order.
        prepare: Whether the driver may prepare them; ``None``: as the session says.
        meanwhile: What is done while the server works.
    """
    cursors: Cursors = {}
    first: psycopg.Error | None = None
    try:
        with connection.pipeline():
            try:
                for name, query in queries.items():
                    cursors[name] = connection.execute(query.encode(), prepare=prepare)
            except psycopg.Error as error:
                # Caught in the block: the driver would log the end of the pipeline otherwise.
                first = error
            meanwhile()
    except psycopg.Error as error:
        first = first or error
    return cursors, first
